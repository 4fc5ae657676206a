"""How large may a batch be after the device ran out of memory?"""

from inference.scheduling.ceiling import FIRST_REST_S, MAX_REST_S, Capped, Ceiling
from inference.scheduling.latency import LatencyTable

BUCKETS = (1, 2, 4, 8)


def test_the_bucket_that_failed_rests_and_comes_back() -> None:
    """The next smaller one is used until the rest is over."""
    lowered = Ceiling(8).lowered(8, BUCKETS, 100.0)
    assert lowered.at(100.0 + FIRST_REST_S - 0.1, 8) == 4
    assert lowered.at(100.0 + FIRST_REST_S, 8) == 8


def test_it_rests_twice_as_long_each_time_up_to_a_limit() -> None:
    """A device that stays full is not asked in vain all the time."""
    ceiling, now_s, rests = Ceiling(8), 0.0, []
    for _ in range(8):
        ceiling = ceiling.lowered(8, BUCKETS, now_s)
        rests.append(ceiling.until_s - now_s)
        now_s = ceiling.until_s
    assert rests[:3] == [FIRST_REST_S, 2 * FIRST_REST_S, 4 * FIRST_REST_S]
    assert rests[-1] == MAX_REST_S


def test_below_the_smallest_bucket_there_is_none() -> None:
    """One frame is always tried."""
    assert Ceiling(1).lowered(1, BUCKETS, 0.0).at(0.0, 8) == 1


def test_a_capped_table_hides_larger_buckets_alone() -> None:
    """Times are those of the table."""
    table = LatencyTable(BUCKETS)
    table.add(2, 0.02)
    capped = Capped(table, 2)
    assert capped.buckets == (1, 2)
    assert (capped.mean_s(2), capped.p95_s(2)) == (0.02, 0.02)
