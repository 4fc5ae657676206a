"""One student as the wall shows them."""

import math

from hypothesis import given
from hypothesis import strategies as st
from rapt.v1 import perception_pb2 as perception

from gateway.live.seat import (
    CAMERA_ON,
    HAND_S,
    HAND_UP,
    NO_ATTENTION,
    STALE_S,
    TAB_HIDDEN,
    TRAILING_S,
    LiveSeat,
    SeatNow,
    pack,
    unpack,
)

byte = st.integers(0, 255)
nibble = st.integers(0, 15)
seats = st.lists(st.builds(SeatNow, st.integers(0, 65_535), nibble, nibble, byte, byte, byte))


def _verdict(state: int, attention: float | None = None) -> perception.Verdict:
    number = perception.State.ValueType(state)
    return perception.Verdict(state=number, probability=0.9, attention=attention)


@given(seats)
def test_packing_loses_nothing(now: list[SeatNow]) -> None:
    """Six bytes a seat, there and back."""
    packed = pack(now)
    assert len(packed) == 6 * len(now)
    assert unpack(packed) == now


def test_the_packed_form_is_the_one_of_the_contract() -> None:
    """Golden bytes: the page reads the same."""
    now = SeatNow(258, perception.STATE_AWAY, CAMERA_ON | TAB_HIDDEN, 40, 90, 12)
    assert pack([now]) == bytes([1, 2, 0x35, 40, 90, 12])


def test_a_state_lasts_from_its_first_verdict() -> None:
    """Seconds count up while it stays and start anew when it changes."""
    seat = LiveSeat(0, now_s=0.0)
    for now_s in (1.0, 2.0, 3.0, 4.0):
        seat.saw_verdict(_verdict(perception.STATE_FOCUSED, 0.8), now_s)
    assert seat.at(4.5).in_state_s == 3
    seat.saw_verdict(_verdict(perception.STATE_AWAY, 0.1), 5.0)
    assert (seat.at(5.5).state, seat.at(5.5).in_state_s) == (perception.STATE_AWAY, 0)


def test_without_verdicts_nothing_is_known() -> None:
    """An old verdict is no verdict."""
    seat = LiveSeat(0, now_s=0.0)
    seat.saw_frame(1.0)
    seat.saw_verdict(_verdict(perception.STATE_FOCUSED, 0.8), 1.0)
    assert seat.at(1.0).flags & CAMERA_ON
    later = seat.at(1.0 + STALE_S)
    assert (later.state, later.attention_pct) == (perception.STATE_UNKNOWN, NO_ATTENTION)
    assert not later.flags & CAMERA_ON


def test_flags_follow_what_the_page_says() -> None:
    """Hidden until visible, a hand for a minute, the camera off at once."""
    seat = LiveSeat(0, now_s=0.0)
    seat.saw_frame(0.0)
    hand = perception.PlayerEvent(kind=perception.EVENT_KIND_HAND, visible=False)
    seat.saw_event(hand, 1.0)
    assert seat.at(1.0).flags == CAMERA_ON | HAND_UP | TAB_HIDDEN
    off = perception.PlayerEvent(kind=perception.EVENT_KIND_CAMERA_OFF, visible=True)
    seat.saw_event(off, 2.0)
    assert seat.at(2.0).flags == HAND_UP
    assert seat.at(1.0 + HAND_S).flags == 0


def test_the_trailing_mean_forgets() -> None:
    """Only the last fifteen seconds count, and verdicts without attention not at all."""
    seat = LiveSeat(0, now_s=0.0)
    assert seat.trailing_attention(0.0) is None
    seat.saw_verdict(_verdict(perception.STATE_FOCUSED, 1.0), 0.0)
    seat.saw_verdict(_verdict(perception.STATE_ABSENT), 5.0)
    seat.saw_verdict(_verdict(perception.STATE_AWAY, 0.0), 10.0)
    assert seat.trailing_attention(10.0) == 0.5
    assert seat.trailing_attention(TRAILING_S) == 0.0
    assert seat.trailing_attention(100.0) is None


@given(st.floats())
def test_any_number_fits_its_byte(attention: float) -> None:
    """A worker's NaN does not stop the wall."""
    seat = LiveSeat(0, now_s=0.0)
    seat.saw_verdict(_verdict(perception.STATE_FOCUSED, attention), 0.0)
    assert 0 <= seat.at(0.0).attention_pct <= 100
    assert math.isfinite(len(pack([seat.at(0.0)])))
