"""Routes that open a session and renew its ticket."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from litestar import Controller, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from rapt.errors import InvalidMessage, NotFound, NotPermitted, NotSignedIn
from rapt.v1 import perception_pb2 as perception

from gateway.creators.opening import Opening, Person, SignedTicket
from gateway.identity.callers import Caller
from gateway.ids import read_id
from gateway.problems import documented
from gateway.texts import read_line

CameraName = Literal["webcam", "room"]
RoleName = Literal["student", "teacher", "creator", "admin", "operator"]


class SessionCreate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who wants to watch what."""

    content_id: str
    """The content."""
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
    """Name to show on the wall; it never reaches the store."""
    role: RoleName = "student"
    """Staff watch the wall and are left out of every number."""
    device: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")] = "desktop"
    """Class of the device, for example desktop, phone or puppet."""
    camera: CameraName = "webcam"
    """What the camera looks at: one person, or a room, of which heads and presence are measured."""


class TicketView(msgspec.Struct, frozen=True, kw_only=True):
    """The right to open the session's socket."""

    session_id: str
    """The session."""
    ticket: str
    """To be sent in Hello, or as Bearer for the session's own routes."""
    expires_at: datetime
    """When the ticket stops being good, UTC."""
    websocket_path: str = "/ws"
    """Where to connect, with the subprotocol rapt.v1."""


class SessionRoutes(Controller):
    """Sessions: one person's sitting with one content."""

    path = "/v1/sessions"
    tags: Sequence[str] | None = ("sessions",)

    @post(responses=documented(InvalidMessage, NotSignedIn, NotPermitted, NotFound))
    async def open_session(
        self,
        data: JSONBody[SessionCreate],
        caller: NamedDependency[Caller],
        opening: NamedDependency[Opening],
    ) -> TicketView:
        """Open a session. Needs the local access token."""
        caller.must_own()
        name = read_line(data.name, what="name")
        content_id = read_id(data.content_id, what="content")
        person = Person(
            name,
            perception.Role.Value(f"ROLE_{data.role.upper()}"),
            data.device,
            perception.Camera.Value(f"CAMERA_{data.camera.upper()}"),
        )
        return _view(await opening.open(caller.tenant_id, content_id, person))

    @post("/{session_id:str}/ticket", responses=documented(NotSignedIn, NotPermitted, NotFound))
    async def renew_ticket(
        self,
        session_id: FromPath[str],
        caller: NamedDependency[Caller],
        opening: NamedDependency[Opening],
    ) -> TicketView:
        """Renew a ticket while it is good, or with the local access token at any time."""
        number = read_id(session_id, what="session")
        caller.must_see_session(number)
        return _view(await opening.renew(caller, number))


def _view(signed: SignedTicket) -> TicketView:
    return TicketView(
        session_id=str(signed.session_id), ticket=signed.text, expires_at=signed.expires_at
    )
