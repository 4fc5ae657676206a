"""REST of the gateway: contents, sessions, and the answers computed from stored facts.

64-bit numbers are decimal strings, as in the JSON itself.
"""

import base64
from collections.abc import Mapping
from typing import Any, Literal, Self, TypeVar

import httpx
import msgspec

from rapt.errors import NotFound, NotPermitted, NotSignedIn, RaptError, Rejected, Unavailable

TIMEOUT_S = 30.0
"""For one request: an upload of a video on a busy machine is the longest."""

StructT = TypeVar("StructT", bound=msgspec.Struct)
Kind = Literal["video", "lesson"]


class Content(msgspec.Struct, frozen=True):
    """A video or a lesson."""

    id: str
    title: str
    kind: Kind
    length_ms: int
    media_url: str | None = None


class OpenedSession(msgspec.Struct, frozen=True):
    """The right to view one content once."""

    session_id: str
    ticket: str
    websocket_path: str = "/ws"

    @property
    def opened_at_us(self) -> int:
        """From when the seconds of the session count, microseconds since 1970, gateway clock.

        The ticket says so in its readable middle part.
        """
        claims = self.ticket.split(".")[1]
        padded = claims + "=" * (-len(claims) % 4)
        return msgspec.json.decode(base64.urlsafe_b64decode(padded), type=_Claims).opened_at_us


class _Claims(msgspec.Struct, frozen=True):
    """What a ticket says, as far as a client needs it."""

    opened_at_us: int


class Ticket(msgspec.Struct, frozen=True):
    """A renewed right."""

    ticket: str


class SessionFact(msgspec.Struct, frozen=True):
    """One stored second of a session."""

    t_s: int
    """Seconds since the session opened."""
    state: str
    media_ms: int | None = None
    advance_ms: int = 0
    probability: float | None = None
    attention: float | None = None
    player: str | None = None
    visible: bool = True
    frames: int = 0


class SessionRow(msgspec.Struct, frozen=True):
    """One session of a content."""

    session_id: str
    name: str | None = None
    exit_reason: str | None = None


class Heatmap(msgspec.Struct, frozen=True):
    """What a class watched, by content second."""

    seconds: list[int]
    starts: int
    """Sessions with at least one second played."""
    absolute: list[float]
    """Plays of each second per start; re-watching counts again."""
    unique: list[float]
    """Share of users who saw the second at least once, part seconds by their part."""
    attention: list[float | None]
    """Mean of the users' own means, 0..1; None where nobody has a value."""
    n: list[int]
    """Users behind each attention value."""


class Totals(msgspec.Struct, frozen=True):
    """How much is stored about a content."""

    facts: int
    interactions: int
    sessions: int
    duplicate_facts: int = 0


class Rest:
    """The gateway, as the holder of a local access token sees it.

    Args:
        url: of the gateway, e.g. "http://127.0.0.1:8000".
        token: the local access token of `run.json`.
    """

    def __init__(self, url: str, token: str) -> None:
        self.url = url.rstrip("/") + "/"
        self._http = httpx.AsyncClient(
            base_url=self.url,
            headers={"authorization": f"Bearer {token}"},
            timeout=TIMEOUT_S,
            trust_env=False,  # services are on loopback; no proxy stands between
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def create_content(
        self, title: str, *, kind: Kind, length_ms: int, media_url: str | None = None
    ) -> Content:
        """Make a content."""
        body: dict[str, object] = {"title": title, "kind": kind, "length_ms": length_ms}
        if media_url is not None:
            body["media_url"] = media_url
        return _struct(await self._send("POST", "v1/contents", json=body), Content)

    async def put_media(self, content_id: str, media: bytes, *, media_type: str) -> None:
        """Store the picture and sound of a video."""
        await self._send(
            "PUT",
            f"v1/contents/{content_id}/media",
            content=media,
            headers={"content-type": media_type},
        )

    async def open_session(
        self,
        content_id: str,
        name: str,
        *,
        role: str = "student",
        device: str = "desktop",
        camera: Literal["webcam", "room"] = "webcam",
    ) -> OpenedSession:
        """Begin to view."""
        body = {
            "content_id": content_id,
            "name": name,
            "role": role,
            "device": device,
            "camera": camera,
        }
        return _struct(await self._send("POST", "v1/sessions", json=body), OpenedSession)

    async def renew_ticket(self, session_id: str) -> Ticket:
        """Return a new ticket for a session whose ticket is about to expire."""
        return _struct(await self._send("POST", f"v1/sessions/{session_id}/ticket"), Ticket)

    async def facts(self, session_id: str) -> list[SessionFact]:
        """Every stored second of a session, in order."""
        return _structs(await self._send("GET", f"v1/sessions/{session_id}/facts"), SessionFact)

    async def sessions(self, content_id: str) -> list[SessionRow]:
        """Every session of a content."""
        return _structs(await self._send("GET", f"v1/contents/{content_id}/sessions"), SessionRow)

    async def heatmap(self, content_id: str) -> Heatmap:
        """Retention and attention, by content second."""
        return _struct(await self._send("GET", f"v1/contents/{content_id}/heatmap"), Heatmap)

    async def totals(self, content_id: str) -> Totals:
        """How much is stored."""
        return _struct(await self._send("GET", f"v1/contents/{content_id}/totals"), Totals)

    async def _send(
        self,
        method: str,
        path: str,
        *,
        json: Mapping[str, object] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> bytes:
        try:
            answer = await self._http.request(
                method, path, json=json, content=content, headers=headers
            )
        except httpx.TransportError as error:
            raise Unavailable(f"{method} /{path}: the gateway does not answer") from error
        if answer.is_success:
            return answer.content
        raise _error_of(answer.status_code)(f"{method} /{path}: {_detail(answer)}")


def _error_of(status: int) -> type[RaptError]:
    known: dict[int, type[RaptError]] = {401: NotSignedIn, 403: NotPermitted, 404: NotFound}
    return known.get(status, Unavailable if status in _LATER else Rejected)


_LATER = frozenset({429, 500, 502, 503, 504})
"""Statuses after which the same request may succeed."""


def _detail(answer: httpx.Response) -> str:
    """Return the sentence of problem+json, or the status."""
    try:
        problem: Any = msgspec.json.decode(answer.content)  # foreign JSON has any shape
        return f"{answer.status_code}, {problem['detail']}"
    except (msgspec.DecodeError, KeyError, TypeError):
        return f"status {answer.status_code}"


def _struct(body: bytes, kind: type[StructT]) -> StructT:
    return msgspec.json.decode(body, type=kind, strict=False)


def _structs(body: bytes, kind: type[StructT]) -> list[StructT]:
    return msgspec.json.decode(body, type=list[kind], strict=False)  # type: ignore[valid-type] # built at run time
