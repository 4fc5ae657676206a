"""What is usual, out of counts that fade: the densest half and the quantiles of a histogram.

A mean follows every glance aside. The middle of the shortest interval that holds half of the counts
does not, as long as the person looks at one place more than at all others together.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]

COUNT_S = 0.5
"""One count is half a second: frames of one glance are not independent."""
MAX_FRAME_S = 1.0
"""A frame stands for at most this long, however late the next one comes."""
SETTLE_S, SETTLE_SHARE = 5.0, 0.1
"""What is usual is worked out anew after so many seconds, sooner while little is known."""
HALF_LIFE_S = 300.0
"""Half of what was learned is forgotten in five minutes of learning."""
TO_SPREAD = 0.5 / 0.674
"""Half of a normal distribution lies within 0.674 standard deviations."""
ALIKE = 1.05
"""Intervals up to this much longer than the shortest count as just as good."""


def bounded(frame_s: float) -> float:
    """How long a frame stands for, seconds."""
    return min(max(frame_s, 0.0), MAX_FRAME_S)


def is_due(unsettled_s: float, known: float) -> bool:
    """Whether what is usual should be worked out anew.

    Args:
        unsettled_s: seconds learned since it was.
        known: half seconds that it rests on.
    """
    return unsettled_s >= min(SETTLE_S, SETTLE_SHARE * COUNT_S * known)


def fading(frame_s: float) -> float:
    """The share of all counts that is left after a frame of this length."""
    return float(0.5 ** (frame_s / HALF_LIFE_S))


def densest_halves(counts: F32 | F64, edges: F64) -> tuple[F64, F64]:
    """Middle of the shortest interval with half of the counts, and the spread it stands for.

    Args:
        counts: (A, B) histograms, none of them all 0.
        edges: (B + 1,) of the bins.

    Returns:
        (A,) middles; (A,) standard deviations of normal distributions with such halves.
    """
    axes = len(counts)
    below = np.zeros((axes, len(edges)))
    np.cumsum(counts, axis=1, out=below[:, 1:])
    below /= below[:, -1:]
    # All histograms are walked as one: axis a runs from 2 a to 2 a + 1.
    shift = 2.0 * np.arange(axes)[:, None]
    line, places = (below + shift).ravel(), np.concatenate([edges] * axes)
    # The best interval begins or ends at an edge of a bin; inside a bin counts are level.
    wanted = np.concatenate([below + 0.5, below - 0.5], axis=1)
    found = np.interp(wanted + shift, line, places)
    begun = np.concatenate([edges, edges])
    lengths = np.abs(found - begun)
    lengths[(wanted < 0) | (wanted > 1)] = np.inf
    shortest = lengths.min(axis=1)
    good = lengths <= ALIKE * shortest[:, None]
    middles = ((found + begun) * good).sum(axis=1) / (2 * good.sum(axis=1))
    return middles, shortest * TO_SPREAD


def quantiles(counts: F32 | F64, edges: F64, shares: Sequence[float]) -> list[float]:
    """The values below which these shares of the counts lie, each share below 1."""
    below = np.zeros(len(edges))
    np.cumsum(counts, out=below[1:])
    values: list[float] = np.interp(np.multiply(shares, below[-1]), below, edges).tolist()
    return values
