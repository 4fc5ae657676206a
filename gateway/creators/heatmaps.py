"""Routes that tell what became of a content, from stored facts alone."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from rapt.errors import NotFound, NotPermitted, NotSignedIn, Unavailable

from analytics.answers import Heatmap, SessionRow, Totals
from gateway.creators.answers import Answers
from gateway.db.contents import Contents
from gateway.db.sessions import Sessions
from gateway.identity.callers import Caller
from gateway.ids import read_id
from gateway.live.pulse import PulsePoint
from gateway.problems import documented


class SegmentView(msgspec.Struct, frozen=True, kw_only=True):
    """One contiguous played interval."""

    from_ms: int
    """First media millisecond played."""
    to_ms: int
    """End, exclusive, media milliseconds."""
    rate_pct: int
    """Speed, percent of normal."""
    visible: bool
    """Whether the page was visible."""


class SessionView(msgspec.Struct, frozen=True, kw_only=True):
    """One session, as the store and the register know it."""

    session_id: str
    """The session."""
    name: str
    """Name from the register; empty when it is not known there."""
    role: str
    """Role in this session."""
    device: str
    """Class of the device."""
    opened_at: datetime
    """When it opened, UTC."""
    seen_at: datetime
    """When something was last heard of it, UTC."""
    exit_reason: str
    """Why it ended: open, left, completed, lost, taken_over, void."""
    watched_ms: int
    """Media played, visible, passes counted, milliseconds."""
    unique_ms: int
    """The same, each millisecond of the content once."""
    hidden_ms: int
    """Media played while the page was hidden, milliseconds."""
    attention: float | None
    """Mean attention, 0..1; null without a score."""
    segments: list[SegmentView]
    """Everything that was played, in order."""


_ERRORS = documented(NotSignedIn, NotPermitted, NotFound, Unavailable)


class HeatmapRoutes(Controller):
    """Heatmaps, pulses and sessions of a content."""

    path = "/v1/contents/{content_id:str}"
    tags: Sequence[str] | None = ("answers",)

    @get("/heatmap", responses=_ERRORS)
    async def tell_heatmap(
        self,
        content_id: FromPath[str],
        caller: NamedDependency[Caller],
        contents: NamedDependency[Contents],
        answers: NamedDependency[Answers],
    ) -> Heatmap:
        """Tell absolute and unique retention and attention, one entry a media second."""
        number = read_id(content_id, what="content")
        caller.must_see_content(number)
        content = await contents.find(caller.tenant_id, number)
        return await answers.heatmap(caller.tenant_id, number, content.length_ms)

    @get("/pulse", responses=_ERRORS)
    async def tell_pulse(
        self,
        content_id: FromPath[str],
        caller: NamedDependency[Caller],
        contents: NamedDependency[Contents],
        answers: NamedDependency[Answers],
    ) -> list[PulsePoint]:
        """Tell the class's attention at each wall second, oldest first."""
        number = read_id(content_id, what="content")
        caller.must_see_content(number)
        await contents.find(caller.tenant_id, number)
        return await answers.pulse(caller.tenant_id, number)

    @get("/totals", responses=_ERRORS)
    async def tell_totals(
        self,
        content_id: FromPath[str],
        caller: NamedDependency[Caller],
        contents: NamedDependency[Contents],
        answers: NamedDependency[Answers],
    ) -> Totals:
        """Tell how many rows the content has. Needs the local access token."""
        caller.must_own()
        number = read_id(content_id, what="content")
        await contents.find(caller.tenant_id, number)
        return await answers.totals(caller.tenant_id, number)

    @get("/sessions", responses=_ERRORS)
    async def list_sessions(
        self,
        content_id: FromPath[str],
        caller: NamedDependency[Caller],
        register: NamedDependency[Sessions],
        answers: NamedDependency[Answers],
    ) -> list[SessionView]:
        """List every stored session of the content, oldest first. Needs the local access token."""
        caller.must_own()
        number = read_id(content_id, what="content")
        registered = await register.of_content(caller.tenant_id, number)
        names = {one.session_id: one.name for one in registered}
        rows = await answers.sessions(caller.tenant_id, number)
        return [_session_view(row, names.get(row.session_id, "")) for row in rows]


def _session_view(row: SessionRow, name: str) -> SessionView:
    return SessionView(
        session_id=str(row.session_id),
        name=name,
        role=row.role.name.lower(),
        device=row.device,
        opened_at=row.opened_at,
        seen_at=row.seen_at,
        exit_reason=row.exit_reason.name.lower(),
        watched_ms=row.watched_ms,
        unique_ms=row.unique_ms,
        hidden_ms=row.hidden_ms,
        attention=row.attention_mean,
        segments=[
            SegmentView(from_ms=s.from_ms, to_ms=s.to_ms, rate_pct=s.rate_pct, visible=s.visible)
            for s in row.segments
        ],
    )
