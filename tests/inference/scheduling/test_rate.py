"""How many messages a second may one stream send?"""

from hypothesis import given
from hypothesis import strategies as st

from inference.scheduling.rate import TokenBucket


@given(st.lists(st.floats(0, 0.5), max_size=400))
def test_never_more_than_the_burst_and_the_rate(gaps_s: list[float]) -> None:
    """Over any span from the start, taken <= burst + rate x time."""
    bucket = TokenBucket(per_s=10, burst=20)
    now_s, taken = 0.0, 0
    for gap_s in gaps_s:
        now_s += gap_s
        taken += bucket.take(1, now_s=now_s)
        assert taken <= 20 + 10 * now_s + 1e-6


def test_a_steady_sender_below_the_rate_is_never_refused() -> None:
    """Nine a second of ten."""
    bucket = TokenBucket(per_s=10, burst=2)
    assert all(bucket.take(1, now_s=n / 9) for n in range(200))


def test_a_clock_that_goes_back_gives_nothing() -> None:
    """Time never takes tokens away or gives them twice."""
    bucket = TokenBucket(per_s=10, burst=1)
    assert bucket.take(1, now_s=5.0)
    assert not bucket.take(1, now_s=4.0)
    assert bucket.take(1, now_s=5.1)
