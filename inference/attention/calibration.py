"""Where exactly is this person's screen? Learned from five dots, if the person wants to.

The page shows a dot at each of `DOTS` for `DOT_S`; the person looks at it. A gaze is turned into
the point where it meets a plane, and a ridge regression maps those points to shares of the screen.
Turned around, it tells where the corners of the screen are for these eyes, whatever the camera, the
face and the network get wrong in the same way each time. How wrong it still is says each dot in
turn, left out of the fit (never less than `MIN_SIGMA_DEG`).

A calibration is ten numbers. A head that has moved since makes it wider, and asks for a new one.
Data that do not fit are refused with a reason instead of giving a screen that is not there.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
import numpy.typing as npt

from inference.attention import polygon
from inference.attention.direction import Direction
from inference.attention.on_screen import Screen
from inference.attention.polygon import Point

F64 = npt.NDArray[np.float64]

DOTS: tuple[Point, ...] = ((0.5, 0.5), (0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.1, 0.9))
"""Shares of the screen, from its left (as the person sees it) and from its top."""
DOT_S = 1.5
SETTLE_S = 0.6
"""Eyes need this long to reach a new dot and rest there."""
MIN_FRAMES = 3
"""Of each dot, after settling and with open lids; at 5 frames a second there are 4."""
RIDGE = 0.01
MIN_SIGMA_DEG, MAX_SIGMA_DEG = 2.0, 12.0
MIN_SCREEN_DEG, MAX_SCREEN_DEG = 6.0, 100.0
MAX_HEAD_MOVE_DEG, MAX_SIZE_CHANGE = 10.0, 0.2
MOVED_WIDENS = 1.5
NUMBERS = 10
_CORNERS: tuple[Point, ...] = ((0.0, 1.0), (1.0, 1.0), (1.0, 0.0), (0.0, 0.0))
"""Counter-clockwise by (yaw, pitch)."""
_MIDDLE: Point = (0.5, 0.5)
_FEATURES = 3


class Refusal(Enum):
    """Why there is no calibration; the value is what to tell the person."""

    TOO_FEW_FRAMES = "the eyes were not seen for long enough at each dot"
    HEAD_MOVED = "the head moved while the dots were shown"
    NOT_FOLLOWED = "the eyes did not follow the dots"
    TOO_ROUGH = "the eyes were not read well enough; more light or a nearer camera may help"


@dataclass(frozen=True, slots=True)
class Sample:
    """One frame while a dot was shown."""

    dot: Point
    shown_s: float
    """Since the dot appeared."""
    gaze: Direction
    head: Direction
    eye_distance_px: float
    has_open_lids: bool = True


@dataclass(frozen=True, slots=True)
class Calibration:
    """What the dots said about one person at one screen."""

    numbers: tuple[float, ...]
    """(NUMBERS,) map from plane to shares, 2x3 by rows; sigma; head yaw, pitch; eye distance."""
    centre: Direction
    """Of the gaze at the middle of the screen."""
    screen: Screen
    """Relative to the centre."""

    @classmethod
    def of(cls, numbers: Sequence[float]) -> "Calibration":
        """What ten numbers say.

        Raises:
            ValueError: they are no calibration.
        """
        if len(numbers) != NUMBERS or not all(map(math.isfinite, numbers)):
            raise ValueError("a calibration is ten finite numbers")
        if not MIN_SIGMA_DEG <= numbers[6] <= MAX_SIGMA_DEG or numbers[9] <= 0:
            raise ValueError("the uncertainty or the size of the face is impossible")
        corners = [_gaze_at(numbers, corner) for corner in _CORNERS]
        centre = _gaze_at(numbers, _MIDDLE)
        around = tuple(
            (c.yaw_deg, c.pitch_deg) for c in (corner.minus(centre) for corner in corners)
        )
        if not polygon.is_convex(around) or not _is_screen(around):
            raise ValueError("the corners are those of no screen")
        return cls(tuple(numbers), centre, Screen.of(around))

    @property
    def sigma_deg(self) -> float:
        """One standard deviation of a gaze, with the head where it was."""
        return self.numbers[6]

    def has_moved(self, head: Direction, eye_distance_px: float | None) -> bool:
        """Whether the head is not where it was, so that the dots should be shown again."""
        then = Direction(self.numbers[7], self.numbers[8])
        size = 1.0 if eye_distance_px is None else eye_distance_px / self.numbers[9]
        return then.apart(head) > MAX_HEAD_MOVE_DEG or abs(size - 1) > MAX_SIZE_CHANGE

    def sigma_now_deg(self, head: Direction, eye_distance_px: float | None) -> float:
        """One standard deviation of a gaze, with the head where it is now."""
        return self.sigma_deg * (MOVED_WIDENS if self.has_moved(head, eye_distance_px) else 1.0)

    def point(self, gaze: Direction) -> Point:
        """Where on the screen a gaze meets it, as shares; outside 0..1 beside the screen."""
        x, y = np.array(self.numbers[:6]).reshape(2, _FEATURES) @ _feature(gaze)
        return float(x), float(y)


def calibrate(samples: Iterable[Sample]) -> Calibration | Refusal:
    """Fit a person's screen to the frames of a dot routine, or say why that is not possible."""
    used = [s for s in samples if s.shown_s >= SETTLE_S and s.has_open_lids]
    frames = {dot: [s for s in used if s.dot == dot] for dot in DOTS}
    if min(len(of_dot) for of_dot in frames.values()) < MIN_FRAMES:
        return Refusal.TOO_FEW_FRAMES
    used = [s for of_dot in frames.values() for s in of_dot]
    head = Direction(_median(s.head.yaw_deg for s in used), _median(s.head.pitch_deg for s in used))
    eye_distance_px = _median(s.eye_distance_px for s in used)
    if any(head.apart(s.head) > MAX_HEAD_MOVE_DEG for s in used):
        return Refusal.HEAD_MOVED
    features = np.array([_feature(s.gaze) for s in used])
    shares = np.array([s.dot for s in used])
    weights = _ridge(features, shares)
    size = _screen_size(weights)
    if size is None:
        return Refusal.NOT_FOLLOWED
    sigma_deg = max(_left_out_error(features, shares, size), MIN_SIGMA_DEG)
    if sigma_deg > MAX_SIGMA_DEG:
        return Refusal.TOO_ROUGH
    numbers = (*weights.ravel(), sigma_deg, head.yaw_deg, head.pitch_deg, eye_distance_px)
    try:
        return Calibration.of([float(number) for number in numbers])
    except ValueError:
        return Refusal.NOT_FOLLOWED


def _feature(gaze: Direction) -> F64:
    """(3,) where a gaze meets a plane one unit before the camera, and 1."""
    yaw, pitch = math.radians(gaze.yaw_deg), math.radians(gaze.pitch_deg)
    return np.array([math.tan(yaw), math.tan(pitch) / max(math.cos(yaw), 1e-3), 1.0])


def _gaze_at(numbers: Sequence[float], share: Point) -> Direction:
    """The gaze that meets the screen at this share of it: the map turned around."""
    a, b, c, d, e, f = numbers[:6]
    determinant = a * e - b * d
    if abs(determinant) < 1e-6:  # noqa: PLR2004 - a map of everything to one line
        raise ValueError("the map cannot be turned around")
    x, y = share[0] - c, share[1] - f
    across, up = (e * x - b * y) / determinant, (a * y - d * x) / determinant
    yaw = math.atan(across)
    return Direction(math.degrees(yaw), math.degrees(math.atan(up * math.cos(yaw))))


def _ridge(features: F64, shares: F64) -> F64:
    """(2, 3) weights of the map from features to shares; the constant is not held back."""
    mean, scale = features.mean(axis=0), features.std(axis=0)
    mean[-1], scale[-1] = 0.0, 1.0
    scale = np.maximum(scale, 1e-6)
    standard = (features - mean) / scale
    held_back = RIDGE * len(features) * np.diag([1.0, 1.0, 0.0])
    weights = np.linalg.solve(standard.T @ standard + held_back, standard.T @ shares).T / scale
    weights[:, -1] -= weights[:, :-1] @ mean[:-1]
    return np.asarray(weights, np.float64)


def _left_out_error(features: F64, shares: F64, size: tuple[float, float]) -> float:
    """Root mean square error of either axis, degrees, of each dot in a fit without it."""
    squares: list[float] = []
    for dot in DOTS:
        is_left_out = (shares == dot).all(axis=1)
        weights = _ridge(features[~is_left_out], shares[~is_left_out])
        error = (features[is_left_out] @ weights.T - dot) * size
        squares.extend((error**2).mean(axis=1).tolist())
    return math.sqrt(sum(squares) / len(squares))


def _screen_size(weights: F64) -> tuple[float, float] | None:
    """Width and height in degrees; None when the map shows no screen."""
    try:
        left, right = (_gaze_at(weights.ravel().tolist(), (x, 0.5)) for x in (0.0, 1.0))
        top, bottom = (_gaze_at(weights.ravel().tolist(), (0.5, y)) for y in (0.0, 1.0))
    except ValueError:
        return None
    size = right.apart(left), top.apart(bottom)
    return size if max(size) <= MAX_SCREEN_DEG and min(size) >= MIN_SCREEN_DEG else None


def _is_screen(around: Sequence[Point]) -> bool:
    sides = [math.dist(around[index - 1], around[index]) for index in range(len(around))]
    return min(sides) >= MIN_SCREEN_DEG and max(sides) <= MAX_SCREEN_DEG


def _median(values: Iterable[float]) -> float:
    return float(np.median(list(values)))
