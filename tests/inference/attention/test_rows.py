"""One sitting's rows."""

from analytics.facts import ExitReason, Player, Role
from inference.attention.played import Played
from inference.attention.playhead import PlayedSecond
from inference.attention.rows import AttentionSums, Sitting, fact, interaction, session, utc
from inference.attention.seconds import Second
from inference.attention.state import State

SITTING = Sitting(
    tenant_id=1,
    content_id=2,
    session_id=3,
    user_key=4,
    course_id=5,
    role=Role.STUDENT,
    device="puppet",
    opened_at_us=1_700_000_000_000_000,
    policy="adult/1",
    model="m/1",
    fence=6,
    keep_days=400,
    camera_keep_days=30,
)
PLAY = PlayedSecond(7000, 1000, 2, Player.PLAYING, visible=True, idle=False)


def test_a_fact_is_dated_by_its_second_not_by_its_arrival() -> None:
    """opened_at + t_s, and everything that the second holds."""
    row = fact(SITTING, Second(7, PLAY, 2, State.AWAY, 80, 10, None, 0))
    assert (row.ts - utc(SITTING.opened_at_us)).total_seconds() == 7
    assert (row.t_s, row.media_ms, row.advance_ms, row.pass_no) == (7, 7000, 1000, 2)
    assert (row.verdict, row.confidence_pct, row.attention_pct) == (3, 80, 10)
    assert (row.on_screen_pct, row.eyes_closed_pct) == (None, 0)
    assert (row.tenant_id, row.content_id, row.session_id, row.user_key) == (1, 2, 3, 4)


def test_an_interaction_holds_whole_milliseconds() -> None:
    """Positions are rounded, nothing else is lost."""
    row = interaction(
        SITTING, seq=9, kind="seek", at_us=5_000_000, from_ms=1.6, to_ms=30_000.2, value=0.0
    )
    assert (row.seq, row.kind, row.from_ms, row.to_ms) == (9, "seek", 2, 30_000)
    assert row.ts == utc(5_000_000)


def test_a_session_holds_its_segments_and_sums() -> None:
    """Segments in order of playing; sums over facts with a score."""
    sums = AttentionSums()
    for attention_pct in (10, None, 30):
        sums.add(attention_pct)
    played = Played.of([(0, 5000, 100, 1, 1_000_000), (2000, 3000, 200, 0, 7_000_000)])
    row = session(SITTING, played, sums, seen_at_us=9_000_000, exit_reason=ExitReason.LEFT)
    assert [(s.from_ms, s.to_ms, s.rate_pct, s.visible) for s in row.segments] == [
        (0, 5000, 100, True),
        (2000, 3000, 200, False),
    ]
    assert row.segments[1].at == utc(7_000_000)
    assert (row.attention_n, row.attention_sum, row.attention_sumsq) == (2, 40, 1000)
    assert (row.opened_at, row.seen_at) == (utc(SITTING.opened_at_us), utc(9_000_000))
    assert row.exit_reason is ExitReason.LEFT
