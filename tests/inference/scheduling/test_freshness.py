"""How late is a frame already when it arrives?"""

from hypothesis import given
from hypothesis import strategies as st

from inference.scheduling.freshness import CLOCK_STEP_S, WINDOW_S, Freshness, deadline_of

DELAYS = st.lists(st.floats(0, 5), min_size=1, max_size=50)


@given(DELAYS, st.floats(-1e9, 1e9))
def test_the_excess_is_the_delay_above_the_smallest_whatever_the_clocks(
    delays_s: list[float], clock_error_s: float
) -> None:
    """Only differences of the two clocks matter."""
    freshness = Freshness()
    for number, delay_s in enumerate(delays_s):
        captured_s = 0.5 * number
        excess_s = freshness.excess_s(
            arrived_s=captured_s + delay_s, captured_s=captured_s + clock_error_s
        )
        expected_s = delay_s - min(delays_s[: number + 1])
        assert abs(excess_s - expected_s) < 1e-5
        assert excess_s >= 0


def test_the_smallest_delay_is_forgotten_after_a_minute() -> None:
    """A route that became slower for good is the new usual."""
    freshness = Freshness()
    assert freshness.excess_s(arrived_s=0.0, captured_s=0.0) == 0.0
    assert freshness.excess_s(arrived_s=10.2, captured_s=10.0) > 0.19
    late_s = WINDOW_S + 11
    assert freshness.excess_s(arrived_s=late_s + 0.2, captured_s=late_s) < 0.001


def test_a_clock_that_was_set_is_not_a_delay() -> None:
    """A jump of the device's clock starts the measurement again."""
    freshness = Freshness()
    freshness.excess_s(arrived_s=0.0, captured_s=0.0)
    assert freshness.excess_s(arrived_s=1.0, captured_s=1.0 - 2 * CLOCK_STEP_S) == 0.0
    assert freshness.excess_s(arrived_s=2.0, captured_s=2.0) == 0.0


def test_a_frame_that_was_delayed_has_less_time_left() -> None:
    """The budget counts from the usual arrival."""
    assert deadline_of(1000, arrived_s=5.0, excess_s=0.3).at_s == 5.7
