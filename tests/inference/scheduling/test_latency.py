"""How long does a batch take?"""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.scheduling.latency import LatencyTable

RUNS = st.lists(st.tuples(st.sampled_from([1, 2, 4, 8]), st.floats(1e-4, 2)), max_size=100)


@given(RUNS)
def test_a_larger_bucket_never_looks_quicker(runs: list[tuple[int, float]]) -> None:
    """Noise in one bucket does not bend the table."""
    table = LatencyTable((1, 2, 4, 8))
    for bucket, run_s in runs:
        table.add(bucket, run_s)
    for smaller, larger in pairwise(table.buckets):
        assert table.mean_s(smaller) <= table.mean_s(larger)
        assert table.p95_s(smaller) <= table.p95_s(larger)


def test_one_outlier_is_clipped_and_three_in_a_row_are_believed() -> None:
    """A hiccup is not the device; a slower device is."""
    table = LatencyTable((1,))
    for _ in range(20):
        assert not table.add(1, 0.01)
    assert table.add(1, 1.0)
    assert table.p95_s(1) <= 0.0401
    table.add(1, 0.01)
    clipped = [table.add(1, run_s) for run_s in (5.0, 25.0, 125.0)]
    assert clipped == [True, True, False]
    assert table.mean_s(1) > 1.0


def test_a_run_of_twice_the_time_moves_the_mean_by_a_tenth_of_the_difference() -> None:
    """What is usual changes with many runs, not with the last one."""
    table = LatencyTable((1,))
    for _ in range(20):
        table.add(1, 0.010)
    table.add(1, 0.020)
    assert table.mean_s(1) == pytest.approx(0.011)


def test_all_but_the_slowest_twentieth_take_no_longer_than_the_time_to_count_on() -> None:
    """Of 64 runs three may be slower; the fourth is what must be counted on."""
    table = LatencyTable((1,))
    for run_s in (*[0.010] * 61, *[0.030] * 3):
        table.add(1, run_s)
    assert table.p95_s(1) == 0.010
    table.add(1, 0.030)
    assert table.p95_s(1) == 0.030


def test_a_bucket_never_measured_borrows_from_the_smaller_ones() -> None:
    """Ignorance never refuses anything."""
    table = LatencyTable((1, 2, 4))
    assert table.p95_s(4) == 0.0
    table.add(2, 0.02)
    assert (table.mean_s(1), table.mean_s(2), table.mean_s(4)) == (0.0, 0.02, 0.02)


def test_a_bucket_between_measured_ones_does_not_bend_the_larger() -> None:
    """What was never measured is no bound for what was."""
    table = LatencyTable((1, 2, 4))
    table.add(1, 0.001)
    table.add(4, 0.004)
    assert table.p95_s(2) == 0.001
    assert table.p95_s(4) == 0.004


def test_an_unlucky_bucket_is_not_avoided_for_ever() -> None:
    """It costs no more than its frames in smaller runs, so that it is measured again."""
    table = LatencyTable((1, 2, 4))
    for bucket, run_s in ((1, 0.010), (2, 0.018), (4, 0.900)):
        table.add(bucket, run_s)
    assert table.mean_s(4) / 4 < table.mean_s(2) / 2
    assert table.p95_s(4) <= 2 * table.p95_s(2)


def test_of_two_buckets_that_contradict_each_other_the_newer_is_right() -> None:
    """A small one that was measured in a bad moment does not hold up all larger ones for ever."""
    table = LatencyTable((1, 4))
    table.add(1, 0.150)
    table.add(4, 0.020)
    assert table.p95_s(1) == table.p95_s(4) == 0.020
    table.add(1, 0.030)
    assert table.p95_s(1) == table.p95_s(4) == 0.150


def test_few_probes_are_believed() -> None:
    """Each puts the slowest run out of mind; a usual run would only in its turn."""
    table = LatencyTable((1,))
    for _ in range(64):
        table.add(1, 0.150)
    for _ in range(5):
        table.add(1, 0.010)
    assert table.p95_s(1) == 0.150
    slow = LatencyTable((1,))
    for run_s in (*[0.150] * 8, *[0.010] * 8):
        slow.add(1, run_s)
    for _ in range(8):
        slow.add(1, 0.010, is_probe=True)
    assert slow.p95_s(1) == 0.010


def test_device_seconds_per_frame_are_those_of_the_best_bucket() -> None:
    """Capacity is counted where the device works best."""
    table = LatencyTable((1, 4))
    table.add(1, 0.010)
    table.add(4, 0.020)
    assert table.frame_s() == 0.005


def test_many_close_buckets_are_believed_as_they_were_measured() -> None:
    """What keeps an unlucky bucket in the race does not add up from one to the next."""
    table = LatencyTable(range(1, 65))
    for bucket in table.buckets:
        table.add(bucket, 0.004 + 0.0005 * bucket)
    assert table.mean_s(64) == pytest.approx(0.036)
    assert table.frame_s() == pytest.approx(0.036 / 64)
