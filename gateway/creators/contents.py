"""Routes that make, list and tell contents."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from urllib.parse import urlsplit

import msgspec
from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from rapt.errors import InvalidMessage, NotFound, NotPermitted, NotSignedIn

from gateway.db.contents import Content, Contents, Kind
from gateway.identity.callers import Caller
from gateway.ids import read_id
from gateway.problems import documented
from gateway.texts import read_line

MAX_LENGTH_MS = 24 * 3600 * 1000  # a day; longer content is a mistake in units
MAX_LISTED = 500


class ContentCreate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a new content is."""

    title: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    """Shown to everyone who watches it."""
    kind: Kind
    """A lesson is live and its clock is time; a video is recorded and its clock is the position."""
    length_ms: Annotated[int, msgspec.Meta(ge=0, le=MAX_LENGTH_MS)] = 0
    """Length, milliseconds; 0 for a live lesson that has no planned end."""
    media_url: Annotated[str, msgspec.Meta(max_length=2000)] = ""
    """Where the video lies when it is not ours; empty otherwise."""


class ContentView(msgspec.Struct, frozen=True, kw_only=True):
    """A content."""

    id: str
    """Decimal number of up to 19 digits."""
    title: str
    """Shown to everyone who watches it."""
    kind: Kind
    """Lesson or video."""
    length_ms: int
    """Length, milliseconds; 0 = not known."""
    media_url: str
    """Where the video is played from; empty without one."""
    created_at: datetime
    """When it was made, UTC."""


class ContentRoutes(Controller):
    """Lessons and videos: everything with a clock."""

    path = "/v1/contents"
    tags: Sequence[str] | None = ("contents",)

    @post(responses=documented(InvalidMessage, NotSignedIn, NotPermitted))
    async def make_content(
        self,
        data: JSONBody[ContentCreate],
        caller: NamedDependency[Caller],
        contents: NamedDependency[Contents],
    ) -> ContentView:
        """Make a content. Needs the local access token."""
        caller.must_own()
        if data.kind == "video" and data.length_ms == 0:
            raise InvalidMessage("a video has a length; send length_ms above 0")
        if data.media_url:
            _check_address(data.media_url)
        content = await contents.make(
            caller.tenant_id,
            title=read_line(data.title, what="title"),
            kind=data.kind,
            length_ms=data.length_ms,
            media_url=data.media_url,
        )
        return view(content)

    @get(responses=documented(NotSignedIn, NotPermitted))
    async def list_contents(
        self, caller: NamedDependency[Caller], contents: NamedDependency[Contents]
    ) -> list[ContentView]:
        """List the newest 500 contents, newest first. Needs the local access token."""
        caller.must_own()
        return [view(c) for c in await contents.newest(caller.tenant_id, limit=MAX_LISTED)]

    @get("/{content_id:str}", responses=documented(NotSignedIn, NotPermitted, NotFound))
    async def tell_content(
        self,
        content_id: FromPath[str],
        caller: NamedDependency[Caller],
        contents: NamedDependency[Contents],
    ) -> ContentView:
        """Tell one content."""
        number = read_id(content_id, what="content")
        caller.must_see_content(number)
        return view(await contents.find(caller.tenant_id, number))


def _check_address(media_url: str) -> None:
    """Let pass where a video may lie.

    Raises:
        InvalidMessage: it is no address of the web, or holds a password that all would see.
    """
    try:
        parts = urlsplit(media_url)
        is_web = parts.scheme in {"http", "https"} and bool(parts.hostname)
        is_plain = media_url.isprintable() and not set(media_url) & set(" \"'<>\\")
    except ValueError:
        is_web = is_plain = False
    if not is_web or not is_plain:
        raise InvalidMessage("media_url must be an address that begins with http:// or https://")
    if parts.username is not None:
        raise InvalidMessage("media_url holds a name or a password; leave it out")


def view(content: Content) -> ContentView:
    """Return a content as JSON shows it."""
    own = f"/v1/contents/{content.id}/media" if content.media_name else ""
    return ContentView(
        id=str(content.id),
        title=content.title,
        kind=content.kind,
        length_ms=content.length_ms,
        media_url=own or content.media_url,
        created_at=content.created_at,
    )
