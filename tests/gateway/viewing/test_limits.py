"""The token bucket."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.viewing.limits import TokenBucket

steps_s = st.lists(st.floats(0, 10), max_size=200)


@given(steps_s, st.floats(0.1, 100), st.integers(1, 50))
def test_no_more_passes_than_burst_and_rate_allow(
    steps: list[float], per_s: float, burst: int
) -> None:
    """Over any time at most burst + rate × time pass."""
    bucket = TokenBucket(per_s=per_s, burst=burst, now_s=0.0)
    now_s, passed = 0.0, 0
    for step in steps:
        now_s += step
        passed += bucket.take(now_s)
    assert passed <= burst + per_s * now_s + 1e-6


@given(steps_s, st.floats(0.1, 100))
def test_after_the_wait_there_is_a_token(steps: list[float], per_s: float) -> None:
    """`wait_s` tells the truth."""
    bucket = TokenBucket(per_s=per_s, burst=1, now_s=0.0)
    now_s = 0.0
    for step in steps:
        now_s += step
        bucket.take(now_s)
    assert bucket.take(now_s + bucket.wait_s(now_s) + 1e-6)


def test_a_clock_that_goes_back_gives_nothing() -> None:
    """Time that was counted is not counted again."""
    bucket = TokenBucket(per_s=1, burst=1, now_s=10.0)
    assert bucket.take(10.0)
    assert not bucket.take(5.0)
    assert not bucket.take(10.5)
    assert bucket.take(11.0)
