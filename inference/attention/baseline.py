"""Where does this person usually look, and how open are the eyes usually? Learned without asking.

A camera stands beside the screen, a face has its own shape, and the gaze of irises has a constant
error: all of that is in the centre, so only the difference from it is ever judged.

This is a first, simple version: running means whose steps are limited, so that a minority of
looking away pulls little, started from a prior that counts as `PRIOR_S` seconds. A head that keeps
still elsewhere for `MOVED_S` has a new screen there; only one place is known at a time. Whoever
replaces this keeps `Baseline` and the `learn_…`.
"""

import math
from dataclasses import dataclass, replace

PRIOR_PITCH_RAD = math.radians(-5)
"""Cameras stand above screens."""
PRIOR_SIGMA_RAD = math.radians(6)
PRIOR_S = 5.0
EYES_YAW_PRIOR_S, EYES_PITCH_PRIOR_S = 10.0, 2.0
"""Faces are symmetric: the prior of how eyes stand in a head is good sideways, poor upwards."""
FORGETTING_S = 430.0
"""Half of what was learned is forgotten in five minutes."""
USABLE_S = 10.0
MAX_STEP_RAD = math.radians(10)
"""A frame further off than this from the centre counts as this far."""
FAR_RAD = math.radians(30)
"""Before there is a baseline, a frame further off than this teaches nothing."""
MAX_FRAME_S = 1.0
"""A frame stands for at most this long, however late the next one comes."""

MOVED_S = 30.0
"""Looking at one place elsewhere for so long makes it the place of the screen."""
SAME_PLACE_RAD = math.radians(8)
FARTHEST_SCREEN_RAD = math.radians(60)
LOWEST_SCREEN_RAD = math.radians(-12)
"""A place lower than this below the screen is a desk, however long one reads there."""

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
NO_TURN = Direction(0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a head has pointed, other than at the screen, and for how long."""

    centre: Direction
    seconds: float


@dataclass(frozen=True, slots=True)
class Baseline:
    """What is usual for one person in front of one screen. A dozen numbers, no picture."""

    head: Direction = PRIOR_CENTRE
    """Head towards the middle of the screen."""
    eyes: Direction = NO_TURN
    """Gaze less head when the eyes look straight ahead: this face's constant error."""
    seconds: float = 0.0
    """Seconds that the head was learned from."""
    eye_seconds: float = 0.0
    """Seconds that the eyes were learned from."""
    frames: int = 0
    """Frames that the head was learned from."""
    open_ratio: float = PRIOR_OPEN_RATIO
    """Eye aspect ratio of open eyes."""
    open_seconds: float = 0.0
    """Seconds that it was learned from."""
    elsewhere: Place | None = None
    """Where the screen may have been moved to."""

    @property
    def is_usable(self) -> bool:
        """Whether it knows more than the prior."""
        return self.seconds >= USABLE_S

    @property
    def sigma_rad(self) -> float:
        """How uncertain the centre is, one standard deviation."""
        return PRIOR_SIGMA_RAD * math.sqrt(PRIOR_S / (PRIOR_S + self.seconds))


def learn_head(baseline: Baseline, head: Direction, *, frame_s: float) -> Baseline:
    """Take in the head of one frame of a person who is thought to watch.

    Args:
        baseline: so far.
        head: of this frame.
        frame_s: seconds that the frame stands for.
    """
    frame_s = _bounded(frame_s)
    off = head.minus(baseline.head)
    if not baseline.is_usable and max(abs(off.yaw_rad), abs(off.pitch_rad)) > FAR_RAD:
        return baseline
    share = _share(frame_s, PRIOR_S + baseline.seconds)
    return replace(
        baseline,
        head=_towards(baseline.head, off, share, share),
        seconds=baseline.seconds + frame_s,
        frames=baseline.frames + 1,
    )


def learn_place(baseline: Baseline, head: Direction, *, frame_s: float) -> Baseline:
    """Take in the head of one frame of a person who is thought to look away."""
    frame_s = _bounded(frame_s)
    off = head.minus(baseline.head)
    if abs(off.yaw_rad) > FARTHEST_SCREEN_RAD or off.pitch_rad < LOWEST_SCREEN_RAD:
        return baseline
    place = baseline.elsewhere
    if place is None or place.seconds <= 0:
        return replace(baseline, elsewhere=Place(head, frame_s))
    apart = head.minus(place.centre)
    if math.hypot(apart.yaw_rad, apart.pitch_rad) > SAME_PLACE_RAD:
        return replace(baseline, elsewhere=replace(place, seconds=place.seconds - 2 * frame_s))
    share = _share(frame_s, place.seconds)
    place = Place(_towards(place.centre, apart, share, share), place.seconds + frame_s)
    if place.seconds < MOVED_S:
        return replace(baseline, elsewhere=place)
    return replace(baseline, head=place.centre, seconds=USABLE_S, elsewhere=None)


def learn_gaze(baseline: Baseline, head: Direction, gaze: Direction, *, frame_s: float) -> Baseline:
    """Take in how the clearly open eyes of one frame stand in their head, wherever it points."""
    frame_s = _bounded(frame_s)
    off = gaze.minus(head).minus(baseline.eyes)
    known = baseline.eye_seconds
    return replace(
        baseline,
        eyes=_towards(
            baseline.eyes,
            off,
            _share(frame_s, EYES_YAW_PRIOR_S + known),
            _share(frame_s, EYES_PITCH_PRIOR_S + known),
        ),
        eye_seconds=known + frame_s,
    )


def learn_opening(baseline: Baseline, eye_aspect_ratio: float, *, frame_s: float) -> Baseline:
    """Take in the eyes of one frame of a person with open eyes who looks ahead."""
    frame_s = _bounded(frame_s)
    known = baseline.open_seconds
    step = EYE_RATIO_STEP * frame_s * max(PRIOR_S / (PRIOR_S + known), 0.02)
    is_above = eye_aspect_ratio > baseline.open_ratio
    change = step * (OPEN_PERCENTILE if is_above else OPEN_PERCENTILE - 1)
    return replace(
        baseline,
        open_ratio=baseline.open_ratio + change,
        open_seconds=min(known + frame_s, FORGETTING_S),
    )


def _bounded(frame_s: float) -> float:
    return min(max(frame_s, 0.0), MAX_FRAME_S)


def _share(frame_s: float, known_s: float) -> float:
    return max(frame_s / (known_s + frame_s), frame_s / FORGETTING_S)


def _towards(centre: Direction, off: Direction, yaw_share: float, pitch_share: float) -> Direction:
    yaw = max(-MAX_STEP_RAD, min(MAX_STEP_RAD, off.yaw_rad))
    pitch = max(-MAX_STEP_RAD, min(MAX_STEP_RAD, off.pitch_rad))
    return Direction(centre.yaw_rad + yaw_share * yaw, centre.pitch_rad + pitch_share * pitch)
