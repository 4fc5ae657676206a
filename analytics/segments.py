"""Played intervals as arrays: their sums, their union, their share of every bin.

Pure. Times are integer media milliseconds, so every result is exact.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.facts import Segment

I64 = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Played:
    """What one session's segments add up to, media milliseconds."""

    first_ms: int = 0
    """Where playing began."""
    last_ms: int = 0
    """Where playing ended last."""
    max_ms: int = 0
    """Furthest position."""
    watched_ms: int = 0
    """Visible, passes counted."""
    unique_ms: int = 0
    """Visible, each once."""
    hidden_ms: int = 0
    """Hidden, passes counted."""


def played(segments: Sequence[Segment]) -> Played:
    """Add up segments that are in order of playing; empty ones count nothing."""
    rows = [(s.from_ms, s.to_ms, s.visible) for s in segments if s.to_ms > s.from_ms]
    if not rows:
        return Played()
    from_ms, to_ms, visible = np.array(rows, np.int64).T
    length_ms, seen = to_ms - from_ms, visible == 1
    once_from, once_to = union(from_ms[seen], to_ms[seen])
    return Played(
        first_ms=int(from_ms[0]),
        last_ms=int(to_ms[-1]),
        max_ms=int(to_ms.max()),
        watched_ms=int(length_ms[seen].sum()),
        unique_ms=int((once_to - once_from).sum()),
        hidden_ms=int(length_ms[~seen].sum()),
    )


def union(from_ms: I64, to_ms: I64) -> tuple[I64, I64]:
    """Return the same time without double counting.

    Args:
        from_ms: (S,) beginnings.
        to_ms: (S,) ends, exclusive.

    Returns:
        Beginnings and ends of (U,) disjoint intervals in order.
    """
    if len(from_ms) == 0:
        return from_ms, to_ms
    order = np.argsort(from_ms, kind="stable")
    begins, ends = from_ms[order], np.maximum.accumulate(to_ms[order])
    is_new = np.r_[True, begins[1:] > ends[:-1]]
    is_last = np.r_[is_new[1:], True]
    return begins[is_new], ends[is_last]


def union_by_owner(owner: I64, from_ms: I64, to_ms: I64) -> tuple[I64, I64, I64]:
    """Return the union of each owner's own segments.

    Args:
        owner: (S,) number of the owner, from 0.
        from_ms: (S,) beginnings, >= 0.
        to_ms: (S,) ends, exclusive.

    Returns:
        Owner, beginning and end of (U,) intervals.
    """
    if len(owner) == 0:
        return owner, from_ms, to_ms
    stride = int(to_ms.max()) + 1  # owners lie side by side with a gap, so they never join
    begins, ends = union(from_ms + owner * stride, to_ms + owner * stride)
    whose = begins // stride
    return whose, begins - whose * stride, ends - whose * stride


def bin_edges(length_ms: int, bin_ms: int) -> I64:
    """Return the (B + 1,) edges of the bins; the last bin may be shorter."""
    bins = -(-length_ms // bin_ms)
    return np.minimum(np.arange(bins + 1, dtype=np.int64) * bin_ms, length_ms)


def overlap_ms(from_ms: I64, to_ms: I64, edges_ms: I64) -> I64:
    """Return how many milliseconds of each bin the segments cover together, passes counted.

    Args:
        from_ms: (S,) beginnings.
        to_ms: (S,) ends, exclusive.
        edges_ms: (B + 1,) edges of the bins.

    Returns:
        (B,) milliseconds.
    """
    reached = _ramps(from_ms, edges_ms) - _ramps(to_ms, edges_ms)
    return np.diff(reached)


def _ramps(starts_ms: I64, at_ms: I64) -> I64:
    """Return for each point the sum over starts of max(point - start, 0)."""
    ordered = np.sort(starts_ms)
    sums = np.r_[np.int64(0), np.cumsum(ordered)]
    before = np.searchsorted(ordered, at_ms)
    return np.asarray(at_ms * before - sums[before], np.int64)
