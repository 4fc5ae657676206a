"""Waits between attempts."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st
from rapt.client.backoff import FIRST_S, LARGEST_S, SPREAD, Backoff


@given(st.integers(0, 10_000), st.integers(1, 60))
def test_waits_grow_and_stay_bounded(seed: int, attempts: int) -> None:
    """From half a second to fifteen, half of it by chance."""
    backoff = Backoff(Random(seed))
    waits = [backoff.next_s() for _ in range(attempts)]
    assert all(FIRST_S * (1 - SPREAD) <= wait <= LARGEST_S * (1 + SPREAD) for wait in waits)
    for attempt, wait in enumerate(waits):
        full = min(LARGEST_S, FIRST_S * 2.0 ** min(attempt, 10))
        assert abs(wait - full) <= full * SPREAD + 1e-9


def test_a_success_starts_over() -> None:
    """The next cut is answered at once again."""
    backoff = Backoff(Random(1))
    for _ in range(8):
        backoff.next_s()
    backoff.succeeded()
    assert backoff.next_s() <= FIRST_S * (1 + SPREAD)
