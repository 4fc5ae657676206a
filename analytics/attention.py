"""How much attention did each second of a content get, and each moment of a lesson?

Pure. A user's attention in a bin is the mean of their own scores there; the bin's attention is the
mean over users of that (pooling seconds would let one person who watches twice weigh twice).
The pulse at a wall second is the median over present students of their trailing 15-second mean.
Seconds without a score count nowhere: None is never 0.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.segments import I64

F64 = NDArray[np.float64]
U64 = NDArray[np.uint64]

PULSE_S = 15


@dataclass(frozen=True, slots=True)
class Attention:
    """Mean attention per bin."""

    mean: F64
    """(B,) 0..1, NaN where nobody has a score."""
    n: I64
    """(B,) users with a score."""


@dataclass(frozen=True, slots=True)
class Pulse:
    """The class's attention at (T,) wall seconds in order."""

    at_s: I64
    """(T,) seconds since 1970."""
    median: F64
    """(T,) 0..1, NaN where nobody has a score."""
    low: F64
    """(T,) lower quartile."""
    high: F64
    """(T,) upper quartile."""
    n: I64
    """(T,) students in the median."""
    present: I64
    """(T,) students there."""


def mean_of_user_means(bin_no: I64, sum_pct: I64, scores: I64, *, bins: int) -> Attention:
    """Return the attention of each bin.

    Args:
        bin_no: (R,) bin of a (user, bin) pair; each pair at most once.
        sum_pct: (R,) sum of the user's scores in the bin, percent.
        scores: (R,) how many, at least 1.
        bins: number of bins; pairs outside of them are left out.
    """
    inside = (bin_no >= 0) & (bin_no < bins) & (scores > 0)
    where = bin_no[inside]
    n = np.bincount(where, minlength=bins).astype(np.int64)
    means = sum_pct[inside] / (100 * scores[inside])
    total = np.bincount(where, weights=means, minlength=bins)
    mean = np.divide(total, n, out=np.full(bins, np.nan), where=n > 0)
    return Attention(mean=mean, n=n)


def pulse(user: U64, at_s: I64, score_pct: F64) -> Pulse:
    """Return the class's attention at each second from the first to the last row.

    Args:
        user: (R,) student of a (student, second) pair; each pair at most once.
        at_s: (R,) wall second.
        score_pct: (R,) score, NaN = none.
    """
    if len(at_s) == 0:
        nothing, none = np.zeros(0), np.zeros(0, np.int64)
        return Pulse(at_s=none, median=nothing, low=nothing, high=nothing, n=none, present=none)
    first, last = int(at_s.min()), int(at_s.max())
    users, row = np.unique(user, return_inverse=True)
    grid = np.full((len(users), last - first + 1), np.nan)
    there = np.zeros(grid.shape, bool)
    column = at_s - first
    there[row, column] = True
    grid[row, column] = score_pct
    trailing = np.where(there, _trailing_mean(grid), np.nan)
    n = (~np.isnan(trailing)).sum(axis=0)
    low, median, high = _quartiles(trailing, n.astype(np.int64))
    return Pulse(
        at_s=np.arange(first, last + 1, dtype=np.int64),
        median=median,
        low=low,
        high=high,
        n=n.astype(np.int64),
        present=there.sum(axis=0).astype(np.int64),
    )


def _trailing_mean(grid: F64) -> F64:
    """Return for each (user, second) the mean 0..1 of the scores of the last 15 seconds."""
    known = ~np.isnan(grid)
    total = np.cumsum(np.where(known, grid, 0.0), axis=1)
    count = np.cumsum(known, axis=1)
    total[:, PULSE_S:] -= total[:, :-PULSE_S].copy()
    count[:, PULSE_S:] -= count[:, :-PULSE_S].copy()
    mean = np.divide(total, 100 * count, out=np.full(grid.shape, np.nan), where=count > 0)
    return np.asarray(mean, np.float64)


def _quartiles(values: F64, n: I64) -> tuple[F64, F64, F64]:
    """Return lower quartile, median, upper quartile of each column, NaN for an empty one.

    Between two values it is interpolated, as numpy does, which takes a column at a time: minutes
    of a large lesson would take longer than the question may.
    """
    ordered = np.sort(values, axis=0)  # NaN comes last
    columns = np.arange(values.shape[1])
    found = []
    for share in (0.25, 0.5, 0.75):
        place = share * np.maximum(n - 1, 0)
        below = place.astype(np.int64)
        above = np.minimum(below + 1, np.maximum(n - 1, 0))
        low, high = ordered[below, columns], ordered[above, columns]
        found.append(low + (high - low) * (place - below))
    return found[0], found[1], found[2]
