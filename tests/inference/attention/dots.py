"""A person who looks at the dots of the calibration, as the gazes that perception would give."""

import random

from inference.attention.calibration import (
    DOT_S,
    DOTS,
    Calibration,
    Refusal,
    Sample,
    calibrate,
)
from inference.attention.direction import Direction

HEAD = Direction(0.0, -5.0)
EYES_PX = 72.0
SIZE = (32.0, 18.0)
"""Of the screen, degrees."""
SKEW, OFF = 0.05, Direction(6.0, -9.0)
"""What the gaze estimate gets wrong, beside its gain."""


def look_at(
    x: float, y: float, *, gain: float = 0.8, size: tuple[float, float] = SIZE
) -> Direction:
    """Where a wrong but steady gaze estimate says that someone looks at a share of the screen."""
    across, up = (x - 0.5) * size[0], (0.5 - y) * size[1]
    yaw = gain * across + SKEW * up + OFF.yaw_deg
    return Direction(yaw, gain * up - SKEW * across + OFF.pitch_deg)


def samples(
    *,
    fps: float = 10.0,
    noise_deg: float = 1.0,
    seed: int = 1,
    gain: float = 0.8,
    size: tuple[float, float] = SIZE,
) -> list[Sample]:
    """Every frame of the routine; eyes arrive at a dot late."""
    chance, seen, before = random.Random(seed), [], look_at(0.5, 0.5)
    for dot in DOTS:
        there = look_at(*dot, gain=gain, size=size)
        for frame in range(int(DOT_S * fps)):
            shown_s = frame / fps
            target = before if shown_s < 0.3 else there
            gaze = Direction(
                target.yaw_deg + chance.gauss(0, noise_deg),
                target.pitch_deg + chance.gauss(0, noise_deg),
            )
            seen.append(Sample(dot, shown_s, gaze, HEAD, EYES_PX, chance.random() > 0.05))
        before = there
    return seen


def calibrated() -> Calibration | Refusal:
    """What a willing person gets."""
    return calibrate(samples())
