"""Which of five hidden states is the person in, frame after frame? A forward filter.

A state lasts a random time and then another follows; T(dt) = expm(Q dt) says how far belief moves
in any interval, so dropped frames and changing rates need no special case. Errors of neighbouring
frames are not independent, so at high rates each frame counts for less (tempering).

This is a Markov filter with exponential dwell times. Its semi-Markov successor splits each state
into phases and keeps `start`, `step` and the order of `HIDDEN`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
import numpy.typing as npt

from inference.attention.lids import LidPosition
from inference.attention.on_screen import Regions
from inference.attention.state import State

F64 = npt.NDArray[np.float64]
Belief = tuple[float, ...]

HIDDEN = (State.FOCUSED, State.DRIFTING, State.AWAY, State.EYES_CLOSED, State.ABSENT)
"""Order of every array here."""

# Priors chosen by hand, to be replaced by a fit.
MEAN_DWELL_S = (20.0, 7.0, 5.0, 5.0, 25.0)
NEXT_STATE = (
    (0.00, 0.38, 0.38, 0.12, 0.12),
    (0.80, 0.00, 0.13, 0.03, 0.04),
    (0.80, 0.10, 0.00, 0.03, 0.07),
    (0.80, 0.11, 0.06, 0.00, 0.03),
    (0.75, 0.10, 0.15, 0.00, 0.00),
)
FACE = (0.98, 0.80, 0.85, 0.95, 0.02)
"""Probability that a frame shows a face."""
LIDS_CLOSED = (0.04, 0.20, 0.06, 0.95, 0.50)
"""Probability that the lids read as closed, given a face that does not look down."""
LIDS_LOWERED = (0.04, 0.60, 0.06, 0.60, 0.50)
"""The same, given a face that looks down: no word on whether they sleep or read."""
LIDS = {
    LidPosition.CLOSED: LIDS_CLOSED,
    LidPosition.LOWERED: LIDS_LOWERED,
    LidPosition.OPEN: tuple(1 - share for share in LIDS_CLOSED),
}
GAZE_DOUBT = 0.03
"""Share of frames whose gaze is simply wrong."""

GAZE_INDEPENDENT_S, FACE_INDEPENDENT_S = 0.5, 0.2
"""Frames closer than this together tell less than one frame each."""
GRID_S = 0.05
RESTART_S = 60.0
"""After so long without a frame nothing is known."""
LONG_RUN_S = 600.0


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one frame says about the hidden state."""

    has_face: bool
    lids: LidPosition | None = None
    """None when the eyes are too small to read."""
    gaze: Regions | None = None
    """None when neither gaze nor head could be measured, or through closed lids."""


def rate_matrix() -> F64:
    """(5, 5) rates per second from row to column; rows sum to 0."""
    leaving = 1 / np.array(MEAN_DWELL_S)
    rates: F64 = np.array(NEXT_STATE) * leaving[:, None]
    np.fill_diagonal(rates, -leaving)
    return rates


@lru_cache(maxsize=2048)
def transition(steps: int) -> F64:
    """(5, 5) probabilities of moving within `steps` of `GRID_S` seconds; rows sum to 1."""
    doublings = max(0, math.ceil(math.log2(max(steps, 1)))) + 6
    small = rate_matrix() * (steps * GRID_S / 2**doublings)
    matrix: F64 = np.eye(len(HIDDEN)) + small + small @ small / 2 + small @ small @ small / 6
    for _ in range(doublings):
        matrix = matrix @ matrix
    matrix /= matrix.sum(axis=1, keepdims=True)
    matrix.setflags(write=False)
    return matrix


@cache
def start() -> Belief:
    """Belief before anything was seen: where the chain is in the long run."""
    anything = np.full(len(HIDDEN), 1 / len(HIDDEN))
    return tuple((anything @ transition(round(LONG_RUN_S / GRID_S))).tolist())


def step(belief: Belief, evidence: Evidence | None, *, since_s: float) -> Belief:
    """Belief after one more frame.

    Args:
        belief: after the frame before, sums to 1.
        evidence: of this frame, None when it says nothing.
        since_s: seconds since the frame before, >= 0.
    """
    if since_s > RESTART_S:
        belief = start()
        since_s = GAZE_INDEPENDENT_S
    moved = np.array(belief) @ transition(max(1, round(since_s / GRID_S)))
    if evidence is not None:
        logs = np.array(log_likelihood(evidence, since_s=since_s))
        moved = moved * np.exp(logs - logs.max())
    moved /= moved.sum()
    return tuple(moved.tolist())


def log_likelihood(evidence: Evidence, *, since_s: float) -> Sequence[float]:
    """Log-likelihood of one frame under each hidden state, up to a constant."""
    face_weight = min(1.0, max(since_s, GRID_S) / FACE_INDEPENDENT_S)
    if not evidence.has_face:
        return [face_weight * math.log(1 - face) for face in FACE]
    terms = [face_weight * math.log(face) for face in FACE]
    if evidence.lids is not None:
        for index, share in enumerate(LIDS[evidence.lids]):
            terms[index] += face_weight * math.log(share)
    if evidence.gaze is not None:
        gaze_weight = min(1.0, max(since_s, GRID_S) / GAZE_INDEPENDENT_S)
        anywhere = 1 / 3
        by_state = (evidence.gaze.on, evidence.gaze.down, evidence.gaze.away, anywhere, anywhere)
        for index, share in enumerate(by_state):
            mixed = (1 - GAZE_DOUBT) * share + GAZE_DOUBT * anywhere
            terms[index] += gaze_weight * math.log(mixed)
    return terms
