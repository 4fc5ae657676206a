"""Is a player event true enough to keep?"""

import math
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.facts import Player
from inference.attention.played import NOTHING, Played
from inference.messages import EventKind, PlayerEvent, ShedReason
from inference.sessions.events import EventGate, EventNumbers, wrong_segments

US = 1_000_000
NOW_S = 5.0
NOW_US = 1_700_000_000 * US
EVENT = PlayerEvent(
    seq=1,
    kind=EventKind.PLAY,
    at_us=NOW_US,
    position_ms=1000.0,
    to_ms=1000.0,
    value=0.0,
    player=Player.PLAYING,
    rate_pct=100,
    visible=True,
    idle=False,
    played=NOTHING,
)


def a_gate(length_ms: int = 60_000) -> EventGate:
    """Return the gate of a session that opened a minute ago."""
    return EventGate(acked=0, opened_at_us=NOW_US - 60 * US, length_ms=length_ms)


@given(st.lists(st.integers(1, 40), max_size=200), st.integers(0, 10))
def test_each_number_is_taken_once_and_never_back(arrivals: list[int], acked: int) -> None:
    """A number is new when it is above all before it, and then acknowledged when it is settled."""
    numbers = EventNumbers(acked)
    highest = acked
    for seq in arrivals:
        is_new = numbers.take(seq)
        assert is_new == (seq > highest)
        if is_new:
            assert numbers.acked < seq
            numbers.settle(seq)
            highest = seq
        assert numbers.acked == highest


@given(st.sets(st.integers(1, 60)), st.randoms(use_true_random=False))
def test_the_acknowledgement_stops_below_what_is_open(numbers_in: set[int], chance: Random) -> None:
    """Whatever the order of settling and however many numbers never came."""
    numbers = EventNumbers(0)
    is_open = sorted(numbers_in)
    for seq in is_open:
        assert numbers.take(seq)
    while is_open:
        assert numbers.acked == is_open[0] - 1
        settled = chance.choice(is_open)
        is_open.remove(settled)
        numbers.settle(settled)
    assert numbers.acked == max(numbers_in, default=0)


def test_a_number_given_back_can_come_again() -> None:
    """A fault of ours loses no event, and the acknowledgement waits for it."""
    numbers = EventNumbers(0)
    assert numbers.take(1)
    assert numbers.take(2)
    numbers.give_back(1)
    numbers.settle(2)
    assert numbers.acked == 0
    assert numbers.take(1)
    assert not numbers.take(1)
    numbers.settle(1)
    assert numbers.acked == 2


@given(
    st.floats(),
    st.floats(),
    st.floats(),
    st.integers(-(2**63), 2**63 - 1),
)
def test_no_value_makes_the_gate_fail(
    position_ms: float, to_ms: float, value: float, at_us: int
) -> None:
    """What passes is finite, within the content and near the clock; the rest has a reason."""
    event = replace(EVENT, position_ms=position_ms, to_ms=to_ms, value=value, at_us=at_us)
    shed = a_gate().rule(event, now_us=NOW_US, now_s=NOW_S)
    if shed is None:
        assert 0 <= position_ms <= 61_000
        assert 0 <= to_ms <= 61_000
        assert math.isfinite(value)
        assert abs(at_us - NOW_US) <= 300 * US
    else:
        assert shed.detail


U32 = st.integers(0, 2**32 - 1)


@given(st.lists(st.tuples(U32, U32, U32, st.booleans(), st.integers(-(2**63), 2**63 - 1))))
def test_no_segments_make_the_gate_fail(rows: list[tuple[int, int, int, bool, int]]) -> None:
    """What passes fits the clock and the content."""
    played = Played.of([(a, b, rate, int(visible), at) for a, b, rate, visible, at in rows])
    detail = wrong_segments(played, at_us=NOW_US, opened_at_us=NOW_US - 60 * US, length_ms=60_000)
    if detail is None and rows:
        assert all(a <= b <= 61_000 for a, b, *_ in rows)
        assert all(1 <= rate <= 1600 for _, _, rate, *_ in rows)
        wall_ms = [(NOW_US - at) / 1000 for *_, at in rows]
        assert all(
            b - a <= wall * rate / 100 + 1001
            for (a, b, rate, *_), wall in zip(rows, wall_ms, strict=True)
        )


@pytest.mark.parametrize(
    ("offset_us", "is_kept"),
    [
        pytest.param(0, True, id="at once"),
        pytest.param(-50_000, True, id="the device measured its clock again"),
        pytest.param(-2 * US, False, id="backwards"),
    ],
)
def test_time_does_not_go_back(offset_us: int, *, is_kept: bool) -> None:
    """Beyond the jitter of the clock's correction."""
    gate = a_gate()
    assert gate.rule(EVENT, now_us=NOW_US, now_s=NOW_S) is None
    shed = gate.rule(replace(EVENT, seq=2, at_us=NOW_US + offset_us), now_us=NOW_US, now_s=NOW_S)
    assert (shed is None) is is_kept


def test_an_event_that_was_refused_does_not_move_the_clock() -> None:
    """A wrong time must not make the right ones wrong."""
    gate = a_gate()
    ahead = replace(EVENT, at_us=NOW_US + 200 * US, position_ms=math.nan, to_ms=0.0)
    assert gate.rule(ahead, now_us=NOW_US, now_s=NOW_S) is not None
    assert gate.rule(replace(EVENT, seq=2), now_us=NOW_US, now_s=NOW_S) is None


def test_a_lesson_has_no_end() -> None:
    """Length 0 is unknown: any position up to 32 bits."""
    far = replace(EVENT, position_ms=4e9, to_ms=4e9)
    assert a_gate(length_ms=0).rule(far, now_us=NOW_US, now_s=NOW_S) is None
    beyond = replace(EVENT, position_ms=4.4e9)
    assert a_gate(length_ms=0).rule(beyond, now_us=NOW_US, now_s=NOW_S) is not None


def test_many_segments_cost_more_than_few() -> None:
    """Reading twenty thousand segments fifty times a second is refused."""
    gate = a_gate(length_ms=0)
    many = Played.of([(0, 1, 100, 1, NOW_US - 30 * US)] * 20_000)
    sheds = [gate.rule(replace(EVENT, played=many), now_us=NOW_US, now_s=NOW_S) for _ in range(20)]
    assert [shed.reason for shed in sheds if shed is not None][-1] is ShedReason.REFUSED_RATE
    assert sheds[:9] == [None] * 9


def test_the_rate_does_not_depend_on_the_calendar() -> None:
    """A machine whose clock was set back by an hour takes as many events as before."""
    gate, back_us = a_gate(length_ms=0), NOW_US - 3600 * US
    for seq in range(1, 500):
        event = replace(EVENT, seq=seq, at_us=NOW_US if seq == 1 else back_us)
        shed = gate.rule(event, now_us=event.at_us, now_s=seq / 2)
        assert shed is None or shed.reason is not ShedReason.REFUSED_RATE
