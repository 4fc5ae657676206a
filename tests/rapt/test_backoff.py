"""Waits between attempts."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st
from rapt.backoff import SPREAD, Backoff


@given(st.integers(0, 10_000), st.integers(1, 60), st.floats(0.1, 1), st.floats(1, 20))
def test_waits_double_and_stay_bounded(
    seed: int, attempts: int, first_s: float, longest_s: float
) -> None:
    """From the first to the longest, half of it by chance."""
    backoff = Backoff(first_s=first_s, longest_s=longest_s, chance=Random(seed))
    for attempt in range(attempts):
        full_s = min(longest_s, first_s * 2.0**attempt)
        assert abs(backoff.next_s() - full_s) <= full_s * SPREAD + 1e-9


def test_it_can_be_asked_for_ever() -> None:
    """A service that is away for a week overflows nothing."""
    backoff = Backoff(first_s=0.2, longest_s=5.0)
    assert max(backoff.next_s() for _ in range(5_000)) <= 5.0 * (1 + SPREAD)


def test_a_success_starts_over() -> None:
    """The next cut is answered at once again."""
    backoff = Backoff()
    for _ in range(8):
        backoff.next_s()
    backoff.succeeded()
    assert backoff.next_s() <= backoff.first_s * (1 + SPREAD)
