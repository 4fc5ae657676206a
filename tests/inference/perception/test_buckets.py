"""Which batch sizes a network runs."""

from hypothesis import given
from hypothesis import strategies as st

from inference.perception.buckets import CPU_BUCKETS, CUDA_BUCKETS, plan_buckets

kinds = st.sampled_from([(CPU_BUCKETS, 0.25), (CUDA_BUCKETS, 1.0)])


@given(st.integers(0, 500), kinds)
def test_every_row_has_a_place(count: int, kind: tuple[tuple[int, ...], float]) -> None:
    """The runs hold all rows, and only the last one has room to spare."""
    buckets, max_waste = kind
    runs = plan_buckets(count, buckets, max_waste=max_waste)
    assert sum(runs) >= count
    assert sum(runs[:-1]) < count or count == 0
    assert set(runs) <= set(buckets)


@given(st.integers(1, 500))
def test_padding_stays_below_its_limit(count: int) -> None:
    """On CPU at most a quarter of a run is padding."""
    runs = plan_buckets(count, CPU_BUCKETS, max_waste=0.25)
    assert sum(runs) - count <= 0.25 * runs[-1]


def test_a_device_pads_up() -> None:
    """On CUDA one run is cheaper than two."""
    assert plan_buckets(33, CUDA_BUCKETS, max_waste=1.0) == [64]
    assert plan_buckets(65, CUDA_BUCKETS, max_waste=1.0) == [64, 1]
    assert plan_buckets(5, CPU_BUCKETS, max_waste=0.25) == [4, 1]
    assert plan_buckets(7, CPU_BUCKETS, max_waste=0.25) == [8]
