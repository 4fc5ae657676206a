"""Simulated people: what they do, drawn by chance, and what a camera would make of it.

The filter's own model is wrong about them on purpose: dwells are log-normal, errors of the gaze go
on from frame to frame, people blink, and three frames of a hundred are lost. That shows that the
formulas work, and proves nothing about people.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from inference.attention.dwell import MEAN_DWELL_S, NEXT_STATE, STATES
from inference.attention.lids import LidPosition
from inference.attention.likelihood import FACE, LIDS_CLOSED, Evidence
from inference.attention.on_screen import regions

ON, DOWN, AWAY, CLOSED, _ = range(STATES)
DWELL_SPREAD = 0.8
"""Of the logarithm of a dwell."""
ERROR_DEG = 7.0
ERROR_STAYS = 0.8
"""Correlation of the gaze's error over half a second."""
BLINKS_PER_S, BLINK_S = 17 / 60, 0.25
LOST = 0.03

Ints = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Sitting:
    """One person for a while."""

    fps: int
    truth: Ints
    """(frames,) index of the state."""
    seen: list[Evidence | None]
    """What each frame says; None where it was lost."""


def sittings(people: int, seconds: int, fps: int, seed: int) -> list[Sitting]:
    """Some people; the same seed gives the same people."""
    return [_sitting(np.random.default_rng([seed, who]), seconds, fps) for who in range(people)]


def _sitting(chance: np.random.Generator, seconds: int, fps: int) -> Sitting:
    frames = seconds * fps
    truth, gaze = np.empty(frames, np.intp), np.empty((frames, 2))
    state = at = 0
    while at < frames:
        mean = np.log(MEAN_DWELL_S[state]) - DWELL_SPREAD**2 / 2
        until = min(at + max(1, int(fps * chance.lognormal(mean, DWELL_SPREAD))), frames)
        truth[at:until] = state
        gaze[at:until] = _target(chance, state)
        if state == ON:
            gaze[at:until] += chance.uniform(-10, 10, (until - at, 2)) * (1, 0.6)
        at, state = until, int(chance.choice(STATES, p=NEXT_STATE[state]))
    gaze += _errors(chance, frames, fps)
    closed = _blinks(chance, seconds, fps)
    seen = [_frame(chance, truth[i], gaze[i], is_blink=bool(closed[i])) for i in range(frames)]
    return Sitting(fps, truth, seen)


def _target(chance: np.random.Generator, state: int) -> tuple[float, float]:
    """Where someone looks, degrees from the middle of the screen."""
    if state == ON:
        return chance.uniform(-12, 12), chance.uniform(-7, 7)
    if state == DOWN:
        return chance.uniform(-25, 25), chance.uniform(-45, -20)
    if state == AWAY:
        return chance.choice([-1, 1]) * chance.uniform(28, 70), chance.uniform(-15, 25)
    return 0.0, -10.0


def _errors(chance: np.random.Generator, frames: int, fps: int) -> npt.NDArray[np.float64]:
    """(frames, 2) errors of the gaze that go on from frame to frame."""
    stays = ERROR_STAYS ** (2 / fps)
    errors = chance.normal(0, ERROR_DEG, (frames, 2))
    for frame in range(1, frames):
        errors[frame] = stays * errors[frame - 1] + np.sqrt(1 - stays**2) * errors[frame]
    return errors


def _blinks(chance: np.random.Generator, seconds: int, fps: int) -> npt.NDArray[np.bool_]:
    """(frames,) whether a frame falls into a blink."""
    times_s = np.arange(seconds * fps) / fps
    starts_s = chance.uniform(0, seconds, int(seconds * BLINKS_PER_S))
    since_s = times_s[:, None] - starts_s
    is_shut = (since_s >= 0) & (since_s < BLINK_S)
    return np.asarray(is_shut.any(axis=1), np.bool_)


def _frame(
    chance: np.random.Generator, state: int, gaze: npt.NDArray[np.float64], *, is_blink: bool
) -> Evidence | None:
    has_face = bool(chance.random() < FACE[state])
    is_shut = is_blink
    if state in {CLOSED, DOWN}:
        is_shut = bool(chance.random() < LIDS_CLOSED[state])
    if chance.random() < LOST:
        return None
    if not has_face:
        return Evidence(has_face=False)
    if is_shut:
        return Evidence(has_face=True, lids=LidPosition.CLOSED)
    where = regions(float(gaze[0]), float(gaze[1]), ERROR_DEG)
    return Evidence(has_face=True, lids=LidPosition.OPEN, gaze=where)
