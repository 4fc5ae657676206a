"""Where does this person usually look, and how open are the eyes usually? Learned without asking.

A camera stands beside the screen, a face has its own shape, and the gaze of irises has a constant
error: all of that is in the centre, so only the difference from it is ever judged.

This is a first, simple version: running means whose steps are limited, so that a minority of
looking away pulls little, started from a prior that counts as `PRIOR_S` seconds. Whoever replaces
it keeps `Baseline`, `learn` and `learn_eyes`.
"""

import math
from dataclasses import dataclass, replace

PRIOR_PITCH_RAD = math.radians(-5)
"""Cameras stand above screens."""
PRIOR_SIGMA_RAD = math.radians(6)
PRIOR_S = 5.0
FORGETTING_S = 430.0
"""Half of what was learned is forgotten in five minutes."""
USABLE_S = 10.0
MAX_STEP_RAD = math.radians(10)
"""A frame further off than this from the centre counts as this far."""
FAR_RAD = math.radians(30)
"""Before there is a baseline, a frame further off than this teaches nothing."""
MAX_FRAME_S = 1.0
"""A frame stands for at most this long, however late the next one comes."""

PRIOR_OPEN_RATIO = 0.30
EYE_RATIO_STEP = 0.04
"""Change of the open ratio per second while little is known."""
OPEN_PERCENTILE = 0.9


@dataclass(frozen=True, slots=True)
class Direction:
    """Angles in the camera frame: yaw positive to the image left, pitch up."""

    yaw_rad: float
    pitch_rad: float

    def minus(self, other: "Direction") -> "Direction":
        """The difference of two directions."""
        return Direction(self.yaw_rad - other.yaw_rad, self.pitch_rad - other.pitch_rad)

    def degrees(self) -> tuple[float, float]:
        """Yaw and pitch in degrees."""
        return math.degrees(self.yaw_rad), math.degrees(self.pitch_rad)


PRIOR_CENTRE = Direction(0.0, PRIOR_PITCH_RAD)


@dataclass(frozen=True, slots=True)
class Baseline:
    """What is usual for one person in front of one screen. Eight numbers, no picture."""

    head: Direction = PRIOR_CENTRE
    gaze: Direction = PRIOR_CENTRE
    seconds: float = 0.0
    """Seconds that it was learned from."""
    frames: int = 0
    open_ratio: float = PRIOR_OPEN_RATIO
    """Eye aspect ratio of open eyes."""
    open_seconds: float = 0.0

    @property
    def is_usable(self) -> bool:
        """Whether it knows more than the prior."""
        return self.seconds >= USABLE_S

    @property
    def sigma_rad(self) -> float:
        """How uncertain the centre is, one standard deviation."""
        return PRIOR_SIGMA_RAD * math.sqrt(PRIOR_S / (PRIOR_S + self.seconds))


def learn(
    baseline: Baseline, head: Direction, gaze: Direction | None, *, frame_s: float
) -> Baseline:
    """Take in one frame of a person who is thought to watch.

    Args:
        baseline: so far.
        head: of this frame.
        gaze: of this frame, None if unreadable.
        frame_s: seconds that the frame stands for.
    """
    frame_s = min(max(frame_s, 0.0), MAX_FRAME_S)
    off = head.minus(baseline.head)
    if not baseline.is_usable and max(abs(off.yaw_rad), abs(off.pitch_rad)) > FAR_RAD:
        return baseline
    share = max(frame_s / (PRIOR_S + baseline.seconds), frame_s / FORGETTING_S)
    return replace(
        baseline,
        head=_towards(baseline.head, head, share),
        gaze=baseline.gaze if gaze is None else _towards(baseline.gaze, gaze, share),
        seconds=baseline.seconds + frame_s,
        frames=baseline.frames + 1,
    )


def learn_eyes(baseline: Baseline, eye_aspect_ratio: float, *, frame_s: float) -> Baseline:
    """Take in the eyes of one frame of a person with open eyes who looks ahead."""
    frame_s = min(max(frame_s, 0.0), MAX_FRAME_S)
    known = baseline.open_seconds
    step = EYE_RATIO_STEP * frame_s * max(PRIOR_S / (PRIOR_S + known), 0.02)
    is_above = eye_aspect_ratio > baseline.open_ratio
    change = step * (OPEN_PERCENTILE if is_above else OPEN_PERCENTILE - 1)
    return replace(
        baseline,
        open_ratio=baseline.open_ratio + change,
        open_seconds=min(known + frame_s, FORGETTING_S),
    )


def _towards(centre: Direction, seen: Direction, share: float) -> Direction:
    off = seen.minus(centre)
    return Direction(
        centre.yaw_rad + share * max(-MAX_STEP_RAD, min(MAX_STEP_RAD, off.yaw_rad)),
        centre.pitch_rad + share * max(-MAX_STEP_RAD, min(MAX_STEP_RAD, off.pitch_rad)),
    )
