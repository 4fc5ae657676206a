"""How probable is a frame under each hidden state? Three terms: face, lids, gaze.

A frame says up to three things that are independent once the state is known: whether there is a
face, how the lids read, and where the gaze points. Their logarithms add up, and each stays visible:
the reasons of a verdict are the terms that told its state from the runner-up.

The gaze counts as a density, the probability of a region over its area: a gaze somewhere in the
large "away" is less of a coincidence than one on the small screen. What is closed or absent looks
nowhere, so its density is that of the whole field.

Errors of neighbouring frames are not independent: ten frames a second are not five times as sure
as two. Frames closer than `GAZE_INDEPENDENT_S` and `FACE_INDEPENDENT_S` count for their share of it
(tempering).

All numbers are priors chosen by hand, to be replaced by a fit.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from inference.attention.dwell import STATES
from inference.attention.lids import LidPosition
from inference.attention.on_screen import Regions

F64 = npt.NDArray[np.float64]

FACE = (0.99, 0.90, 0.90, 0.95, 0.02)
"""Probability that a frame shows a face, by state. A face before the camera is found: in all of 472
frames of one person on film, hands and lowered head included, and in all puppets within 40 degrees
of yaw and 25 of pitch. So two frames without one, half a second apart, are more than a lapse."""
LIDS_CLOSED = (0.04, 0.20, 0.06, 0.95, 0.50)
"""Probability that the lids read as closed, given a face that does not look down."""
LIDS_LOWERED = (0.04, 0.60, 0.06, 0.60, 0.50)
"""The same, given a face that looks down: no word on whether they sleep or read."""
GAZE_DOUBT = 0.02
"""Share of frames whose gaze is simply wrong."""

FACE_INDEPENDENT_S, GAZE_INDEPENDENT_S = 0.2, 0.5
MIN_INTERVAL_S = 0.01
"""Two frames of one moment are not infinitely alike: clocks are coarse."""

TERMS = 3
FACE_TERM, LIDS_TERM, GAZE_TERM = range(TERMS)

_FACE_LOGS = np.log([[1 - share for share in FACE], FACE])
_NO_WORD = (1.0,) * STATES
_OPEN = tuple(1 - share for share in LIDS_CLOSED)
_LIDS_LOGS = np.log([_NO_WORD, _OPEN, LIDS_LOWERED, LIDS_CLOSED])
"""Rows are the numbers of `LidPosition`, after one for eyes that were not read."""
_NO_GAZE = (1.0,) * STATES


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one frame says about the hidden state."""

    has_face: bool
    lids: LidPosition | None = None
    """None when the eyes are too small to read."""
    gaze: Regions | None = None
    """None when neither gaze nor head could be measured, or through closed lids."""


def log_terms(evidences: Sequence[Evidence | None], since_s: F64) -> F64:
    """(N, TERMS, STATES) log-likelihoods of N frames; all 0 for a frame that says nothing.

    Args:
        evidences: N frames.
        since_s: (N,) seconds since each stream's frame before.
    """
    faces = [seen is not None and seen.has_face for seen in evidences]
    lids = [(seen.lids or 0) if seen is not None else 0 for seen in evidences]
    speaks = [seen is not None for seen in evidences]
    densities = np.array([_gaze_densities(seen) for seen in evidences])
    since_s = np.maximum(since_s, MIN_INTERVAL_S)
    weights = np.empty((len(evidences), TERMS, 1))
    weights[:, : LIDS_TERM + 1, 0] = np.minimum(since_s / FACE_INDEPENDENT_S, 1.0)[:, None]
    weights[:, GAZE_TERM, 0] = np.minimum(since_s / GAZE_INDEPENDENT_S, 1.0)
    weights *= np.array(speaks)[:, None, None]
    terms = np.empty((len(evidences), TERMS, STATES))
    terms[:, FACE_TERM] = _FACE_LOGS[np.array(faces, np.intp)]
    terms[:, LIDS_TERM] = _LIDS_LOGS[lids]
    np.log(densities, out=terms[:, GAZE_TERM])
    terms *= weights
    return terms


def _gaze_densities(seen: Evidence | None) -> tuple[float, ...]:
    """Density of the gaze under each state, relative to that of the whole field."""
    if seen is None or seen.gaze is None:
        return _NO_GAZE
    gaze, sure = seen.gaze, 1 - GAZE_DOUBT
    return (
        sure * gaze.on_density + GAZE_DOUBT,
        sure * gaze.down_density + GAZE_DOUBT,
        sure * gaze.away_density + GAZE_DOUBT,
        1.0,
        1.0,
    )
