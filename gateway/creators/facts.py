"""The route that tells a person's own seconds."""

from collections.abc import Sequence

import msgspec
from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from rapt.errors import NotFound, NotPermitted, NotSignedIn, Unavailable
from rapt.v1 import perception_pb2 as perception

from analytics.answers import FactRow
from gateway.creators.answers import Answers
from gateway.db.sessions import Sessions
from gateway.identity.callers import Caller
from gateway.ids import read_id
from gateway.problems import documented


class FactView(msgspec.Struct, frozen=True, kw_only=True):
    """One second of a session."""

    t_s: int
    """Whole seconds since the session opened."""
    media_ms: int
    """Media position when the second began, milliseconds."""
    advance_ms: int
    """Media played in it, milliseconds; 0 = not playing."""
    state: str | None
    """What was said about it, e.g. focused; null without a verdict."""
    probability: float
    """Probability of that state, 0..1."""
    attention: float | None
    """Probability that the eyes were on the content, 0..1; null when it was not measured."""
    player: str
    """What the player did for most of it."""
    visible: bool
    """Whether the page was visible."""
    frames: int
    """Verdicts in it."""


class FactRoutes(Controller):
    """Seconds of one session."""

    path = "/v1/sessions/{session_id:str}/facts"
    tags: Sequence[str] | None = ("answers",)

    @get(responses=documented(NotSignedIn, NotPermitted, NotFound, Unavailable))
    async def tell_facts(
        self,
        session_id: FromPath[str],
        caller: NamedDependency[Caller],
        register: NamedDependency[Sessions],
        answers: NamedDependency[Answers],
    ) -> list[FactView]:
        """Tell every stored second of a session, to whom it belongs or with the local token."""
        number = read_id(session_id, what="session")
        caller.must_see_session(number)
        session = await register.find(caller.tenant_id, number)
        rows = await answers.facts(caller.tenant_id, session.content_id, number)
        return [_view(row) for row in rows]


def _view(row: FactRow) -> FactView:
    return FactView(
        t_s=row.t_s,
        media_ms=row.media_ms,
        advance_ms=row.advance_ms,
        state=_word(row.verdict),
        probability=row.confidence_pct / 100,
        attention=None if row.attention_pct is None else row.attention_pct / 100,
        player=row.player.name.lower(),
        visible=row.visible,
        frames=row.frames,
    )


def _word(verdict: int) -> str | None:
    """Return the state's word: STATE_EYES_CLOSED is "eyes_closed"."""
    if verdict not in perception.State.values() or verdict == perception.STATE_UNSPECIFIED:
        return None
    name = perception.State.Name(perception.State.ValueType(verdict))
    return name.removeprefix("STATE_").lower()
