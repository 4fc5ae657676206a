"""Which batch sizes a network runs, so that no shape is new to it after its warm-up. Pure."""

from collections.abc import Sequence

CPU_BUCKETS = (1, 2, 4, 8)
"""On CPU micro-batches of 4 to 8 are fastest per face; beyond, the caches miss."""
CUDA_BUCKETS = (1, 2, 4, 8, 16, 32, 64)


def plan_buckets(count: int, buckets: Sequence[int], *, max_waste: float) -> list[int]:
    """Split `count` rows into runs of the sizes in `buckets`, the last row of a run may be padding.

    Args:
        count: rows to run, 0...
        buckets: sizes, ascending, beginning with 1.
        max_waste: largest share of a run that may be padding, 0..1.

    Returns:
        Sizes, largest first; their sum is at least `count`.
    """
    runs: list[int] = []
    while count > 0:
        up = next((size for size in buckets if size >= count), None)
        if up is not None and up - count <= max_waste * up:
            runs.append(up)
            break
        down = max(size for size in buckets if size <= count)
        runs.append(down)
        count -= down
    return runs
