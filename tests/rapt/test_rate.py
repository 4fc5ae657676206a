"""The token bucket."""

from hypothesis import given
from hypothesis import strategies as st
from rapt.rate import TokenBucket

steps_s = st.lists(st.floats(0, 10), max_size=200)
costs = st.sampled_from((1.0, 1.5, 3.0))


@given(st.lists(st.tuples(st.floats(0, 10), costs)), st.floats(0.1, 100), st.integers(1, 50))
def test_no_more_passes_than_burst_and_rate_allow(
    steps: list[tuple[float, float]], per_s: float, burst: int
) -> None:
    """Over any time from the start at most burst + rate × time is spent."""
    bucket = TokenBucket(per_s=per_s, burst=burst)
    now_s, spent = 0.0, 0.0
    for step, cost in steps:
        now_s += step
        spent += cost * bucket.take(now_s, cost=cost)
        assert spent <= burst + per_s * now_s + 1e-6


@given(steps_s, st.floats(0.1, 100))
def test_after_the_wait_there_is_a_token(steps: list[float], per_s: float) -> None:
    """`wait_s` tells the truth."""
    bucket = TokenBucket(per_s=per_s, burst=1)
    now_s = 0.0
    for step in steps:
        now_s += step
        bucket.take(now_s)
    assert bucket.take(now_s + bucket.wait_s(now_s) + 1e-6)


def test_a_steady_sender_below_the_rate_is_never_refused() -> None:
    """Nine a second of ten."""
    bucket = TokenBucket(per_s=10, burst=2)
    assert all(bucket.take(n / 9) for n in range(200))


def test_a_refused_cost_takes_nothing() -> None:
    """What does not fit leaves the tokens to what does."""
    bucket = TokenBucket(per_s=1, burst=2)
    assert not bucket.take(0.0, cost=3)
    assert bucket.take(0.0, cost=2)


def test_a_clock_that_goes_back_gives_nothing() -> None:
    """Time that was counted is not counted again."""
    bucket = TokenBucket(per_s=1, burst=1)
    assert bucket.take(10.0)
    assert not bucket.take(5.0)
    assert not bucket.take(10.5)
    assert bucket.take(11.0)
