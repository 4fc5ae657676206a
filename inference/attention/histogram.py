"""What is usual, out of counts that fade: the densest half and the quantiles of a histogram.

A mean follows every glance aside. The middle of the shortest interval that holds half of the counts
does not, as long as the person looks at one place more than at all others together.
"""

import numpy as np
import numpy.typing as npt

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]

HALF_LIFE_S = 300.0
"""Half of what was learned is forgotten in five minutes of learning."""
TO_SPREAD = 0.5 / 0.674
"""Half of a normal distribution lies within 0.674 standard deviations."""
ALIKE = 1.05
"""Intervals up to this much longer than the shortest count as just as good."""


def faded(counts: F32, frame_s: float) -> F32:
    """A copy of counts of any shape, as much forgotten as a frame of this length makes it."""
    return counts * np.float32(0.5 ** (frame_s / HALF_LIFE_S))


def densest_half(counts: F32 | F64, edges: F64) -> tuple[float, float]:
    """Middle of the shortest interval with half of the counts, and the spread it stands for.

    Args:
        counts: (B,) not all 0.
        edges: (B + 1,) of the bins.

    Returns:
        The middle; one standard deviation of a normal distribution with such a half.
    """
    below = np.concatenate([[0.0], np.cumsum(counts, dtype=np.float64)])
    half = below[-1] / 2
    can_begin = below <= half
    can_end = below >= half
    # The best interval begins or ends at an edge of a bin; inside a bin counts are level.
    begins = np.concatenate([edges[can_begin], np.interp(below[can_end] - half, below, edges)])
    ends = np.concatenate([np.interp(below[can_begin] + half, below, edges), edges[can_end]])
    lengths = ends - begins
    shortest = lengths.min()
    good = lengths <= ALIKE * shortest
    return float((begins[good] + ends[good]).mean() / 2), float(shortest) * TO_SPREAD


def quantile(counts: F32 | F64, edges: F64, share: float) -> float:
    """The value below which this share of the counts lies."""
    below = np.concatenate([[0.0], np.cumsum(counts, dtype=np.float64)])
    return float(np.interp(share * below[-1], below, edges))
