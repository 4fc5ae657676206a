"""What happened in each second?"""

import random
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from analytics.facts import Player
from inference.attention.judge import Memory, judge
from inference.attention.played import NOTHING, Played
from inference.attention.playhead import Moment, Playhead
from inference.attention.seconds import GRACE_S, PATIENCE_S, Glance, Second, Seconds
from inference.attention.state import State
from tests.inference.attention.sitter import Act, Sitter

GLANCES = st.lists(
    st.builds(
        Glance,
        at_s=st.floats(0, 30),
        state=st.sampled_from(State),
        probability=st.floats(0, 1),
        attention=st.none() | st.floats(0, 1),
        on_screen=st.none() | st.floats(0, 1),
        eyes_closed=st.none() | st.floats(0, 1),
    ),
    max_size=60,
)


def new_seconds(start_s: int = 0) -> Seconds:
    """Return an empty fold that waits for no event."""
    seconds = Seconds(start_s=start_s, playhead=Playhead(opened_at_us=0, length_ms=0))
    seconds.hear(a_moment(0.0, 1), NOTHING)
    return seconds


def a_moment(at_s: float, seq: int) -> Moment:
    """Return a playing moment."""
    return Moment(at_s, seq, at_s * 1000, Player.PLAYING, 1.0, visible=True, idle=False)


@given(st.integers(0, 50), st.lists(st.floats(0, 5), max_size=30), GLANCES)
def test_every_second_is_handed_out_once_in_order(
    start_s: int, gaps_s: list[float], glances: list[Glance]
) -> None:
    """No hole, no double, whatever comes and whenever it is asked."""
    seconds = new_seconds(start_s)
    now_s, out = float(start_s), []
    for index, gap_s in enumerate(gaps_s):
        now_s += gap_s
        if index < len(glances):
            seconds.see(glances[index])
        out += [second.t_s for second in seconds.close(now_s)]
        assert all(t_s + 1 + GRACE_S <= now_s for t_s in out)
    out += [second.t_s for second in seconds.close_last(now_s)]
    assert out == list(range(start_s, start_s + len(out)))
    assert seconds.close_last(now_s) == []


@given(GLANCES)
def test_every_verdict_that_is_in_time_counts_in_its_second(glances: list[Glance]) -> None:
    """Frames per second add up; late ones say so."""
    seconds = new_seconds()
    taken = [seconds.see(glance) for glance in glances]
    closed = seconds.close(33.0)
    assert all(taken)
    assert sum(second.frames for second in closed) == len(glances)
    assert not seconds.see(Glance(2.0, State.FOCUSED, 1.0))


@given(GLANCES, st.randoms(use_true_random=False))
def test_the_order_of_verdicts_within_a_second_does_not_matter(
    glances: list[Glance], shuffle: random.Random
) -> None:
    """Same verdicts, same second, up to the rounding of sums."""
    other = list(glances)
    shuffle.shuffle(other)
    for one, two in zip(_folded(glances), _folded(other), strict=True):
        assert one.frames == two.frames
        for name in ("attention_pct", "on_screen_pct", "eyes_closed_pct", "confidence_pct"):
            a, b = getattr(one, name), getattr(two, name)
            assert (a is None) == (b is None)
            assert a is None or abs(a - b) <= 1


def _folded(glances: list[Glance]) -> list[Second]:
    seconds = new_seconds()
    for glance in glances:
        seconds.see(glance)
    return seconds.close(33.0)


def test_the_state_of_a_second_is_the_one_with_most_probability() -> None:
    """Two weak votes lose against one strong one; confidence is the winner's share."""
    seconds = new_seconds()
    seconds.see(Glance(0.1, State.AWAY, 0.4))
    seconds.see(Glance(0.5, State.FOCUSED, 0.9, attention=0.9))
    seconds.see(Glance(0.9, State.AWAY, 0.4, attention=0.1))
    (second,) = seconds.close(1 + GRACE_S)
    assert second.state is State.FOCUSED
    assert second.confidence_pct == 30
    assert second.attention_pct == 65  # the surer verdict weighs more
    assert second.on_screen_pct is None


def test_a_second_without_a_camera_is_unknown_and_has_no_score() -> None:
    """No frames is not inattention."""
    (second,) = new_seconds().close(1 + GRACE_S)
    assert (second.frames, second.state, second.confidence_pct) == (0, State.UNKNOWN, 0)
    assert second.attention_pct is None


def test_a_frame_that_is_late_by_less_than_the_grace_still_counts() -> None:
    """The second stays open for its late frames."""
    seconds = new_seconds()
    assert seconds.close(0.99 + GRACE_S) == []
    assert seconds.see(Glance(0.99, State.FOCUSED, 1.0))
    (second,) = seconds.close(1 + GRACE_S)
    assert second.frames == 1


def test_the_last_second_counts_when_half_of_it_passed() -> None:
    """10.4 s are ten seconds, 10.6 s are eleven."""
    assert len(new_seconds().close_last(10.4)) == 10
    assert len(new_seconds().close_last(10.6)) == 11


def test_after_a_cut_seconds_wait_for_an_event_that_knows_what_was_played() -> None:
    """An event from before the cut does not end the waiting, a new one does."""
    seconds = new_seconds()
    seconds.close(2 + GRACE_S)
    seconds.wait_for_event(10.0)
    seconds.hear(a_moment(2.5, 2), NOTHING)
    assert seconds.close(11 + GRACE_S) == []
    seconds.hear(a_moment(11.0, 3), Played.of([(0, 11_000, 100, 1, 0)]))
    closed = seconds.close(11 + GRACE_S)
    assert [second.t_s for second in closed] == list(range(2, 11))
    assert all(second.play.advance_ms == 1000 for second in closed)


def test_the_waiting_for_an_event_ends() -> None:
    """A page that says nothing does not hold its facts for ever."""
    seconds = new_seconds()
    seconds.wait_for_event(10.0)
    assert seconds.close(10.0 + PATIENCE_S - 0.1) == []
    assert len(seconds.close(10.0 + PATIENCE_S)) == 10 + PATIENCE_S - GRACE_S


@given(
    st.lists(st.integers(1, 20), min_size=1, max_size=40),
    st.randoms(use_true_random=False),
)
def test_order_loss_and_repetition_of_events_do_not_change_what_was_played(
    came: list[int], shuffle: random.Random
) -> None:
    """The newest event that came says everything: segments are cumulative."""
    truth = {seq: Played.of([(0, seq * 1000, 100, 1, 0)]) for seq in range(1, 21)}
    shuffle.shuffle(came)
    playhead = Playhead(opened_at_us=0, length_ms=0)
    seconds = Seconds(start_s=0, playhead=playhead)
    for seq in came:
        seconds.hear(a_moment(float(seq), seq), truth[seq])
    assert playhead.played == truth[max(came)]
    advance_ms = [second.play.advance_ms for second in seconds.close(max(came) + GRACE_S)]
    assert advance_ms == [1000] * max(came)


def sat(acts: list[Act], fps: float = 2.0) -> list[Glance]:
    """What is said live of someone who does one thing a frame, after watching for 20 seconds."""
    chance, memory, said = random.Random(3), Memory.new(), []
    for frame, act in enumerate([Act.WATCH] * int(20 * fps) + acts):
        memory, judged = judge(memory, Sitter().observed(act, chance), now_s=frame / fps)
        glance = Glance(
            frame / fps,
            judged.state,
            judged.probability,
            judged.attention,
            judged.on_screen,
            judged.eyes_closed,
            judged.quality,
            judged.trace,
        )
        said.append(glance)
    return said


def stored(glances: list[Glance]) -> list[Second]:
    """Their facts."""
    seconds = new_seconds()
    closed = []
    for glance in glances:
        seconds.see(glance)
        closed += seconds.close(glance.at_s)
    return closed + seconds.close_last(glances[-1].at_s + 0.5)


def test_a_fact_knows_what_came_after_it() -> None:
    """The first second of looking aside is stored as away though it was not said live."""
    live = sat([Act.LOOK_ASIDE] * 10)
    assert live[40].state is not State.AWAY
    facts = stored(live)
    assert [fact.state for fact in facts[20:25]] == [State.AWAY] * 5
    assert facts[20].attention_pct is not None
    assert facts[20].attention_pct < 50


def test_a_fact_sees_through_a_single_odd_frame() -> None:
    """One frame in the middle of watching changes no second."""
    facts = stored(sat([Act.LOOK_ASIDE, *[Act.WATCH] * 9]))
    assert {fact.state for fact in facts[2:]} == {State.FOCUSED}


def test_smoothing_changes_no_count() -> None:
    """Frames, screen and order of seconds are as without it."""
    live = sat([Act.LEAVE] * 6 + [Act.WATCH] * 6)
    plain = [replace(glance, trace=None) for glance in live]
    for one, other in zip(stored(live), stored(plain), strict=True):
        assert (one.t_s, one.frames, one.on_screen_pct) == (
            other.t_s,
            other.frames,
            other.on_screen_pct,
        )


def test_a_frame_that_must_not_be_judged_stays_unknown() -> None:
    """No later frame makes a covered lens readable."""
    seconds = new_seconds()
    watched = sat([])[:4]
    for glance in watched:
        seconds.see(replace(glance, quality=0.0))
    (first, _) = seconds.close(2 + GRACE_S)
    assert first.state is State.UNKNOWN
    assert first.attention_pct is None
