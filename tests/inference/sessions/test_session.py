"""One sitting over all calls that carry it, with a clock that the test holds."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from analytics.facts import ExitReason, Fact, Player, Role, Session
from inference.attention.played import NOTHING, Played
from inference.attention.seconds import GRACE_S
from inference.messages import EventKind, Inherited, Opening, PlayerEvent, Written
from inference.sessions.session import KEPT_S, ROW_EVERY_S, LiveSession
from tests.inference.fakes import a_judgement

US = 1_000_000
OPENED_US = 1_700_000_000 * US
OPENING = Opening(
    tenant_id=1,
    content_id=2,
    session_id=3,
    user_key=4,
    course_id=0,
    role=Role.STUDENT,
    fence=1,
    opened_at_us=OPENED_US,
    content_length_ms=0,
    policy="adult/1",
    keep_days=400,
    camera_keep_days=30,
    device="puppet",
    acked_event_seq=0,
    played=NOTHING,
)


def a_session(at_s: float = 0.0, opening: Opening = OPENING) -> LiveSession:
    """Return a session whose call opens so many seconds after it; monotonic time is that."""
    return LiveSession(opening, model="m/1", now_s=at_s, now_us=OPENED_US + round(at_s * US))


def an_event(seq: int, at_s: float, kind: EventKind = EventKind.BEAT) -> PlayerEvent:
    """Return an event of a player that has played since the opening without a pause."""
    played_ms = round(at_s * 1000)
    return PlayerEvent(
        seq=seq,
        kind=kind,
        at_us=OPENED_US + round(at_s * US),
        position_ms=float(played_ms),
        to_ms=float(played_ms),
        value=0.0,
        player=Player.PLAYING,
        rate_pct=100,
        visible=True,
        idle=False,
        played=Played.of([(0, played_ms, 100, 1, OPENED_US)]),
    )


def collect_facts(session: LiveSession, now_s: float) -> list[Fact]:
    """Collect what is due and say that it is on disk."""
    facts = [row for row in session.collect(now_s) if isinstance(row, Fact)]
    session.wrote(len(facts))
    return facts


def times(facts: Sequence[Fact]) -> list[int]:
    """Return the seconds of facts."""
    return [fact.t_s for fact in facts]


def test_the_gap_of_a_cut_is_filled_from_the_segments_when_the_call_comes_back() -> None:
    """No hole, no double; the seconds without a call have no camera but were played."""
    session = a_session()
    session.hear(an_event(1, 1.0))
    session.see(a_judgement(), taken_s=2.5)
    facts = collect_facts(session, 4.0 + GRACE_S - 1)
    session.cut(5.5)
    facts += collect_facts(session, 6.0)
    assert times(facts) == [0, 1, 2, 3, 4]
    assert collect_facts(session, 60.0) == []
    session.resume(OPENING, model="m/1", now_s=20.0, now_us=OPENED_US + 20 * US)
    assert collect_facts(session, 21.0) == []
    session.hear(an_event(2, 21.5))
    facts += collect_facts(session, 23.0)
    assert times(facts) == list(range(21))
    assert {(fact.advance_ms, fact.player) for fact in facts} == {(1000, Player.PLAYING)}
    assert [fact.t_s for fact in facts if fact.frames] == [2]


def test_a_new_worker_begins_with_the_second_in_which_the_call_opens() -> None:
    """An earlier worker can not have closed that one yet."""
    opening = replace(OPENING, acked_event_seq=4, played=an_event(4, 30.0).played)
    session = a_session(33.4, opening)
    session.hear(an_event(5, 34.0))
    facts = collect_facts(session, 38.0)
    assert times(facts) == [33, 34, 35]
    assert facts[0].advance_ms == 1000


def test_a_closed_session_that_is_opened_again_does_not_fill_its_absence() -> None:
    """Last words after the close: nobody was there in between."""
    session = a_session()
    session.hear(an_event(1, 0.5))
    session.end(ExitReason.LEFT, 4.0)
    facts = collect_facts(session, 4.0)
    session.resume(OPENING, model="m/1", now_s=60.0, now_us=OPENED_US + 60 * US)
    session.hear(an_event(2, 60.2))
    session.end(ExitReason.LEFT, 60.8)
    facts += collect_facts(session, 60.8)
    assert times(facts) == [0, 1, 2, 3, 60]


def test_a_session_that_was_lost_and_comes_back_fills_the_gap() -> None:
    """A gateway that stops closes its sessions as lost; the student was there all the time."""
    session = a_session()
    session.hear(an_event(1, 0.5))
    session.end(ExitReason.LOST, 4.0)
    facts = collect_facts(session, 4.0)
    session.resume(OPENING, model="m/1", now_s=7.0, now_us=OPENED_US + 7 * US)
    session.hear(an_event(2, 7.2))
    session.end(ExitReason.LEFT, 8.0)
    facts += collect_facts(session, 8.0)
    assert times(facts) == list(range(8))
    assert {fact.player for fact in facts} == {Player.PLAYING}


def test_a_late_call_that_remembers_nothing_does_not_overwrite_what_was_played() -> None:
    """Gateway and worker died together; the next event says again what the old row says."""
    session = a_session(33.4)
    rows = session.collect(40.0)
    assert not [row for row in rows if isinstance(row, Session)]
    session.hear(an_event(9, 40.5))
    rows = session.collect(41.0)
    assert [len(row.segments) for row in rows if isinstance(row, Session)] == [1]


def test_a_machine_that_slept_leaves_the_night_out() -> None:
    """The monotonic clock stood still, the calendar did not."""
    session = a_session()
    session.hear(an_event(1, 0.5))
    facts = collect_facts(session, 4.0)
    session.cut(4.0)
    night_s = KEPT_S + 3600
    session.resume(OPENING, model="m/1", now_s=4.0, now_us=OPENED_US + round(night_s * US))
    session.end(ExitReason.LEFT, 6.0)
    facts += collect_facts(session, 6.0)
    assert times(facts) == [0, 1, int(night_s), int(night_s) + 1]


def test_the_row_is_rewritten_every_ten_seconds_and_once_at_a_cut() -> None:
    """A session nobody holds is not alive."""
    session = a_session()
    seen = [now_s for now_s in range(40) if _rows(session, float(now_s))]
    assert seen == [0, ROW_EVERY_S, 2 * ROW_EVERY_S, 3 * ROW_EVERY_S]
    session.cut(40.0)
    rows = [row for now_s in range(40, 80) for row in _rows(session, float(now_s))]
    assert [row.exit_reason for row in rows] == [ExitReason.OPEN]
    assert session.is_settled


def test_the_last_row_holds_reason_segments_and_sums() -> None:
    """Everything that the answers about this session need."""
    session = a_session()
    session.see(a_judgement(), taken_s=0.5)
    session.hear(an_event(1, 2.0))
    session.end(ExitReason.COMPLETED, 2.0)
    (row,) = _rows(session, 2.0)
    assert row.exit_reason is ExitReason.COMPLETED
    assert [(s.from_ms, s.to_ms) for s in row.segments] == [(0, 2000)]
    assert (row.attention_n, row.attention_sum) == (1, 90)
    assert (row.seen_at - row.opened_at).total_seconds() == 2.0


def test_a_beat_is_no_interaction_and_a_seek_moves_the_player() -> None:
    """The position after a seek is where it ended."""
    session = a_session()
    assert session.hear(an_event(1, 1.0)) is None
    seek = replace(an_event(2, 2.0, EventKind.SEEK), to_ms=50_000.0, player=Player.PAUSED)
    row = session.hear(seek)
    assert row is not None
    assert (row.kind, row.from_ms, row.to_ms) == ("seek", 2000, 50_000)
    assert collect_facts(session, 6.0)[3].media_ms == 50_000


@pytest.mark.parametrize(
    ("changes", "is_same"),
    [
        pytest.param({}, True, id="the same"),
        pytest.param({"acked_event_seq": 9}, False, id="another worker was there"),
        pytest.param({"content_id": 5}, False, id="another content"),
        pytest.param({"opened_at_us": OPENED_US + US}, False, id="another opening"),
        pytest.param({"inherited": Inherited(Written(0))}, True, id="we wrote the last second"),
        pytest.param({"inherited": Inherited(Written(1))}, False, id="another one wrote it"),
    ],
)
def test_only_a_session_that_nobody_else_carried_is_gone_on_with(
    changes: dict[str, Any], *, is_same: bool
) -> None:
    """Otherwise seconds could be written twice."""
    opening = replace(OPENING, **changes)
    assert a_session().can_resume(opening) is is_same


def test_a_paused_film_is_nothing_to_watch() -> None:
    """What the events say decides; before the first one people are thought to watch."""
    session = a_session()
    assert session.is_watching(0.5)
    session.hear(replace(an_event(1, 1.0), player=Player.PAUSED))
    assert not session.is_watching(2.0)
    session.hear(an_event(2, 3.0))
    assert session.is_watching(4.0)


def test_a_verdict_on_a_second_that_is_written_is_too_late() -> None:
    """The fact is on its way to the store and never changes."""
    session = a_session()
    session.hear(an_event(1, 0.5))
    collect_facts(session, 4.0)
    assert not session.see(a_judgement(), taken_s=1.5)
    assert session.see(a_judgement(), taken_s=3.5)


def _rows(session: LiveSession, now_s: float) -> list[Session]:
    rows = session.collect(now_s)
    session.wrote(sum(isinstance(row, Fact) for row in rows))
    return [row for row in rows if isinstance(row, Session)]
