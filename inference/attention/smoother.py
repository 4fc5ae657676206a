"""Which state was the person in, now that the next frames are known too? The backward pass.

The filter says how probable each phase was given the past; walking back from the newest frame says
how probable everything after it was from each phase:

    ahead <- T(dt) @ (b(next frame) * ahead)        belief given both = normalise(belief * ahead)

Two seconds of later frames are enough (fixed lag): that is why facts are written two seconds late,
and why a stored second may differ from what the live verdict said in it.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from inference.attention.dwell import PHASES, STATE_OF, transitions
from inference.attention.filter import Trace, by_state

F64 = npt.NDArray[np.float64]
LEAST = 1e-12

_ONES = np.ones(PHASES)


def smooth(traces: Sequence[Trace]) -> F64:
    """(N, STATES) belief of each frame, given those before it and the later ones here.

    Args:
        traces: N frames of one stream, in the order in which they were judged.
    """
    if not traces:
        return np.empty((0, 0))
    # Traces come from other workers, too: whatever they hold, nothing is impossible.
    beliefs = _possible([trace.belief for trace in traces])
    likelihoods = _possible([trace.likelihood for trace in traces])[:, STATE_OF]
    moves = transitions(np.array([trace.since_s or 0.0 for trace in traces]))
    moves *= likelihoods[:, None, :]
    ahead = np.ones((len(traces), PHASES))
    for index in range(len(traces) - 1, 0, -1):
        if traces[index].since_s is None:
            continue  # the filter began anew there and knows nothing of before
        before = ahead[index - 1]
        moves[index].dot(ahead[index], out=before)
        before /= before.dot(_ONES)
    both = beliefs * ahead
    both /= both.sum(axis=1, keepdims=True)
    return by_state(both)


def _possible(shares: list[tuple[float, ...]]) -> F64:
    """As an array, none of them impossible."""
    least: F64 = np.maximum(np.array(shares), LEAST)
    return np.minimum(least, 1.0, out=least)
