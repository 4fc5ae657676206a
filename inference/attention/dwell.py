"""How long does each hidden state last, and what comes after it? The chain behind the filter.

A Markov chain forgets how long it has been where it is, and people do not: a blink of two frames
is no sleep, and nobody looks at notes for a tenth of a second. So each state is a row of phases
that are walked through one by one (Erlang's distribution: the more phases, the more regular the
dwell), and from its last phase the chain enters the first phase of the next state. That is a hidden
semi-Markov model written as an ordinary chain of `PHASES` phases.

T(dt) = expm(Q dt) moves belief through any interval, so a dropped frame and a changed rate need no
special case. It is tabled on a grid of `GRID_S` and mixed between two steps of the grid.

All numbers are priors chosen by hand, to be replaced by a fit.
"""

from functools import cache

import numpy as np
import numpy.typing as npt

from inference.attention.state import State

F64 = npt.NDArray[np.float64]

HIDDEN = (State.FOCUSED, State.DRIFTING, State.AWAY, State.EYES_CLOSED, State.ABSENT)
"""Order of every array of states here."""
MEAN_DWELL_S = (45.0, 7.0, 4.0, 4.0, 25.0)
PHASES_OF = (1, 2, 2, 4, 2)
NEXT_STATE = (
    (0.00, 0.45, 0.45, 0.06, 0.04),
    (0.80, 0.00, 0.14, 0.02, 0.04),
    (0.82, 0.12, 0.00, 0.01, 0.05),
    (0.80, 0.12, 0.06, 0.00, 0.02),
    (0.75, 0.10, 0.15, 0.00, 0.00),
)
"""From row to column; rows sum to 1."""

STATES = len(HIDDEN)
PHASES = sum(PHASES_OF)
STATE_OF = np.repeat(np.arange(STATES), PHASES_OF)
"""(PHASES,) index of the state that each phase belongs to."""
TO_STATES: F64 = np.eye(STATES)[STATE_OF]
"""(PHASES, STATES) sums belief in phases to belief in states."""

GRID_S = 0.05
RESTART_S = 60.0
"""After so long without a frame nothing is known."""
_GRID_STEPS = round(RESTART_S / GRID_S)
_HALVINGS = 8


def rate_matrix() -> F64:
    """(PHASES, PHASES) rates per second from row to column; rows sum to 0."""
    rates = np.zeros((PHASES, PHASES))
    first = np.searchsorted(STATE_OF, np.arange(STATES))
    for phase, state in enumerate(STATE_OF):
        leaving = PHASES_OF[state] / MEAN_DWELL_S[state]
        rates[phase, phase] = -leaving
        if phase + 1 < PHASES and STATE_OF[phase + 1] == state:
            rates[phase, phase + 1] = leaving
        else:
            rates[phase, first] += leaving * np.array(NEXT_STATE[state])
    return rates


def exponential(rates: F64, interval_s: float) -> F64:
    """expm(rates * interval): probabilities of moving from row to column in that time.

    Scaling and squaring of a Taylor series; exact to 1e-12 for a matrix as small as ours.
    """
    small = rates * (interval_s / 2**_HALVINGS)
    term = moved = np.eye(len(rates))
    for order in range(1, 8):
        term = term @ small / order
        moved = moved + term
    for _ in range(_HALVINGS):
        moved = moved @ moved
    return moved


@cache
def _table() -> F64:
    """(steps, PHASES, PHASES) T of every multiple of `GRID_S` up to `RESTART_S`."""
    step = exponential(rate_matrix(), GRID_S)
    table = np.empty((_GRID_STEPS + 2, PHASES, PHASES))
    table[0] = np.eye(PHASES)
    for index in range(1, len(table)):
        table[index] = table[index - 1] @ step
    table /= table.sum(axis=2, keepdims=True)
    table.setflags(write=False)
    return table


def transitions(interval_s: F64) -> F64:
    """(N, PHASES, PHASES) probabilities of moving within each interval; rows sum to 1.

    Args:
        interval_s: (N,) seconds, 0 to `RESTART_S`.
    """
    at = np.clip(interval_s, 0.0, RESTART_S) / GRID_S
    below = at.astype(np.intp)
    share = (at - below)[:, None, None]
    table = _table()
    moved: F64 = table[below] * (1 - share)
    moved += table[below + 1] * share
    return moved


@cache
def stationary() -> F64:
    """(PHASES,) belief before anything was seen: where the chain is in the long run."""
    rates = rate_matrix()
    # belief @ rates = 0 and belief sums to 1
    equations = np.vstack([rates.T, np.ones(PHASES)])
    belief: F64 = np.linalg.lstsq(equations, np.eye(PHASES + 1)[-1], rcond=None)[0]
    belief = np.clip(belief, 0, None) / np.clip(belief, 0, None).sum()
    belief.setflags(write=False)
    return belief
