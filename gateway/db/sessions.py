"""The register of sessions: who sits where. The store knows only numbers."""

from dataclasses import dataclass
from datetime import UTC, datetime

from advanced_alchemy.repository import SQLAlchemyAsyncRepository
from rapt.errors import NotFound, PoolFull
from rapt.v1 import perception_pb2 as perception
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.db.database import Database
from gateway.db.models import SessionRow
from gateway.identity.tickets import Ticket

MAX_SEATS = 65_536  # a seat is two bytes on the wire
_TRIES = 5  # two processes may want the same seat


@dataclass(frozen=True, slots=True)
class Registered:
    """One session as the register has it."""

    session_id: int
    tenant_id: int
    content_id: int
    user_key: int
    name: str
    role: int
    device: str
    camera: int
    opened_at_us: int
    fence: int
    seat: int | None
    joined_at: datetime | None


@dataclass(frozen=True, slots=True)
class Joined:
    """What a socket needs to know when it opens."""

    seat: int | None
    """None for staff."""
    is_back: bool
    """Whether the session had joined before."""


class _Rows(SQLAlchemyAsyncRepository[SessionRow]):
    """Rows of `sessions`."""

    model_type = SessionRow


class Sessions:
    """Everyone who ever opened a session."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, ticket: Ticket) -> None:
        """Write down who opens a session."""
        async with self._database.transaction() as session:
            await _Rows(session=session).add(_row(ticket))

    async def find(self, tenant_id: int, session_id: int) -> Registered:
        """Return one session.

        Raises:
            NotFound: the tenant has none with that id.
        """
        async with self._database.transaction() as session:
            row = await _Rows(session=session).get_one_or_none(id=session_id, tenant_id=tenant_id)
        if row is None:
            raise NotFound(
                f"there is no session with the id {session_id}; POST /v1/sessions opens one"
            )
        return _registered(row)

    async def of_content(self, tenant_id: int, content_id: int) -> list[Registered]:
        """Return every session of a content in order of opening."""
        wanted = (
            select(SessionRow)
            .where(SessionRow.tenant_id == tenant_id, SessionRow.content_id == content_id)
            .order_by(SessionRow.opened_at_us)
        )
        async with self._database.transaction() as session:
            return [_registered(row) for row in await session.scalars(wanted)]

    async def join(self, ticket: Ticket) -> Joined:
        """Give the session its seat, the first time its socket opens.

        Raises:
            PoolFull: every seat of the content is taken.
        """
        for _ in range(_TRIES):
            try:
                return await self._join(ticket)
            except IntegrityError:  # another process took the seat between our two statements
                continue
        raise PoolFull("too many people join at once; try again in a second")

    async def _join(self, ticket: Ticket) -> Joined:
        async with self._database.transaction() as session:
            row = await _Rows(session=session).get_one_or_none(id=ticket.session_id)
            if row is None:  # its ticket was made by a gateway with another database
                row = _row(ticket)
                session.add(row)
            is_back = row.joined_at is not None
            if not is_back:
                row.joined_at = datetime.now(UTC)
                if ticket.role == perception.ROLE_STUDENT:
                    row.seat = await self._next_seat(session, ticket.content_id)
            return Joined(row.seat, is_back)

    async def _next_seat(self, session: AsyncSession, content_id: int) -> int:
        wanted = select(func.max(SessionRow.seat)).where(SessionRow.content_id == content_id)
        highest = await session.scalar(wanted)
        seat = 0 if highest is None else highest + 1
        if seat >= MAX_SEATS:
            raise PoolFull(f"all {MAX_SEATS} seats of this content are taken; make a new content")
        return seat


def _row(ticket: Ticket) -> SessionRow:
    return SessionRow(
        id=ticket.session_id,
        tenant_id=ticket.tenant_id,
        content_id=ticket.content_id,
        user_key=ticket.user_key,
        name=ticket.name,
        role=ticket.role,
        device=ticket.device,
        camera=ticket.camera,
        opened_at_us=ticket.opened_at_us,
        fence=ticket.fence,
        seat=None,
        joined_at=None,
    )


def _registered(row: SessionRow) -> Registered:
    return Registered(
        session_id=row.id,
        tenant_id=row.tenant_id,
        content_id=row.content_id,
        user_key=row.user_key,
        name=row.name,
        role=row.role,
        device=row.device,
        camera=row.camera,
        opened_at_us=row.opened_at_us,
        fence=row.fence,
        seat=row.seat,
        joined_at=row.joined_at,
    )
