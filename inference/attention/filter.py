"""Which of five hidden states is the person in, frame after frame? The forward filter.

Belief is spread over the phases of `dwell`. Between two frames it moves as people do, and each
frame multiplies it by how probable that frame is in each state:

    belief <- normalise((belief @ T(dt)) * b(frame))

That is all there is. It only knows the past, so it is what a live verdict is made of; `smoother`
looks two seconds ahead for what is stored.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from inference.attention.dwell import RESTART_S, STATE_OF, TO_STATES, stationary, transitions

F64 = npt.NDArray[np.float64]
Belief = tuple[float, ...]
"""Probability of each phase; they sum to 1."""

FIRST_FRAME_S = 0.5
"""What the first frame of a stream, or after a long silence, stands for."""


@dataclass(frozen=True, slots=True)
class Trace:
    """One step of the filter, kept so that the smoother can walk it backwards."""

    belief: Belief
    """After the frame."""
    likelihood: tuple[float, ...]
    """Of the frame under each hidden state, the largest 1."""
    since_s: float | None
    """Seconds since the frame before; None where the filter began anew."""


def start() -> Belief:
    """Belief before anything was seen."""
    return tuple(stationary().tolist())


def steps(beliefs: F64, logs: F64, since_s: F64) -> tuple[F64, F64]:
    """Belief of N streams after one more frame each.

    Args:
        beliefs: (N, PHASES) after the frame before, rows sum to 1.
        logs: (N, STATES) log-likelihood of each frame, up to a constant.
        since_s: (N,) seconds since the frame before, >= 0.

    Returns:
        (N, PHASES) beliefs; (N, STATES) likelihoods, the largest of each row 1.
    """
    is_stale = since_s > RESTART_S
    if is_stale.any():
        beliefs = np.where(is_stale[:, None], stationary(), beliefs)
        since_s = np.where(is_stale, FIRST_FRAME_S, since_s)
    likelihoods: F64 = np.exp(logs - logs.max(axis=1, keepdims=True))
    moved: F64 = np.matmul(beliefs[:, None, :], transitions(since_s))[:, 0]
    moved *= likelihoods[:, STATE_OF]
    moved /= moved.sum(axis=1, keepdims=True)
    return moved, likelihoods


def by_state(beliefs: F64) -> F64:
    """(N, STATES) belief in each state, of (N, PHASES) in each phase."""
    summed: F64 = beliefs @ TO_STATES
    return summed
