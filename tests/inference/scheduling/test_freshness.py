"""How late is a frame already when it arrives?"""

import random
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.scheduling.freshness import CLOCK_STEP_S, WINDOW_S, Freshness, deadline_of

DELAYS = st.lists(st.floats(0, 5), min_size=1, max_size=50)
FRAMES, FRAME_S = 7200, 0.5
"""An hour."""
DRIFT = 500e-6
"""Most by which the clocks of two machines run apart: quartz has 100 ppm, setting them the rest."""
MOST_DRIFTED_S = 0.03
"""500 ppm of a minute: more than that of an hour's 1.8 s must never look like a delay."""
NOTHING_S = 1e-5
"""What floats leave of times of a thousand million seconds."""


def an_hour(
    drift: float, *, jitter_s: float, clock_error_s: float, seed: int
) -> Iterator[tuple[float, float]]:
    """Yield when each frame arrives and when its camera says it was taken."""
    dice = random.Random(seed)
    for number in range(FRAMES):
        taken_s = number * FRAME_S
        captured_s = taken_s * (1 + drift) + clock_error_s
        yield taken_s + jitter_s * dice.random(), captured_s


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


@given(
    drift=st.floats(-DRIFT, DRIFT),
    jitter_s=st.floats(0, 0.4),
    clock_error_s=st.floats(-1e9, 1e9),
    late=st.integers(1, FRAMES - 1),
    late_s=st.floats(1, 20),
    seed=st.integers(0, 2**16),
)
@settings(max_examples=40)
def test_an_hour_of_drift_is_no_delay_and_hides_none(  # noqa: PLR0913  # one argument per draw
    *, drift: float, jitter_s: float, clock_error_s: float, late: int, late_s: float, seed: int
) -> None:
    """The excess is never above what clocks drift in a minute; one late frame is seen as late."""
    freshness = Freshness()
    hour = an_hour(drift, jitter_s=jitter_s, clock_error_s=clock_error_s, seed=seed)
    for number, (arrived_s, captured_s) in enumerate(hour):
        delay_s = late_s * (number == late)
        excess_s = freshness.excess_s(arrived_s=arrived_s + delay_s, captured_s=captured_s)
        spread_s = jitter_s * (1 + DRIFT) + MOST_DRIFTED_S + NOTHING_S
        assert delay_s - jitter_s - NOTHING_S - DRIFT <= excess_s <= delay_s + spread_s


@pytest.mark.parametrize("drift", [-DRIFT, DRIFT])
def test_the_excess_of_a_clock_that_only_drifts_is_a_minute_of_it(drift: float) -> None:
    """A clock that is slow looks like a way that becomes longer, by that much and no more."""
    freshness = Freshness()
    hour = an_hour(drift, jitter_s=0.0, clock_error_s=0.0, seed=0)
    most_s = max(freshness.excess_s(arrived_s=here, captured_s=there) for here, there in hour)
    assert most_s == pytest.approx(MOST_DRIFTED_S if drift < 0 else 0.0, abs=NOTHING_S)


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
