"""Where a stream's faces are, between its frames: places, tracks, and which face is which. Pure.

A place is a region in shares of the frame's width. A track holds the student's place and, for a
room camera, those of the others. Numbers are random and end with the stream; nobody is recognised.
"""

import math
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from inference.perception.mesh import FaceMesh
from inference.perception.reuse import Measured

F32 = npt.NDArray[np.float32]

MIN_OVERLAP = 0.3
"""Two boxes that share more than this (intersection over union) are one face."""
FACE_SHARE = 1 / 1.5
"""Side of a face over that of its region."""
MAX_NUMBER = 2**31 - 1
FAR_SHARE = 2.0
"""A face whose middle is farther outside the frame, or that is larger, is in no picture."""
SMALLEST_SHARE = 1e-3


@dataclass(frozen=True, slots=True)
class Place:
    """Where a face was, in shares of the frame's width. No pixels, no identity."""

    centre_x: float
    centre_y: float
    side: float
    angle_rad: float
    number: int
    """Random, for this stream alone."""

    @property
    def is_possible(self) -> bool:
        """Whether a face can be there; what came from elsewhere may say anything."""
        sides = self.centre_x, self.centre_y, self.angle_rad / math.tau
        return all(abs(side) <= FAR_SHARE for side in sides) and (
            SMALLEST_SHARE <= self.side <= FAR_SHARE
        )

    def region(self, width_px: int) -> F32:
        """(4,) region in a picture of this width."""
        spread = [self.centre_x * width_px, self.centre_y * width_px, self.side * width_px]
        return np.array([*spread, self.angle_rad], np.float32)


@dataclass(frozen=True, slots=True)
class Track:
    """What a stream keeps from one frame for its next."""

    student: Place
    others: tuple[Place, ...] = ()
    """Everyone else who is followed, largest first; empty for a webcam."""
    faces: int = 1
    """Faces in the picture when it was last searched."""
    searched_at_s: float = 0.0
    """When that was, on the stream's clock."""
    measured: Measured | None = None
    """The last measured frame, for those that may use it again; None is the usual case."""

    @property
    def places(self) -> tuple[Place, ...]:
        """The student's, then the others'."""
        return (self.student, *self.others)


@dataclass(frozen=True, slots=True, eq=False)
class Followed:
    """A face in one picture."""

    mesh: FaceMesh
    region: F32
    """(4,) that the landmarks make, decoded pixels; where to look next."""
    faces: int = 1
    """Faces in the picture when it was last searched, 1..."""
    number: int = 0
    """Random, for this stream alone."""
    searched_at_s: float = 0.0
    others: tuple["Followed", ...] = ()
    """Everyone else in a room, largest first."""

    def place(self, width_px: int) -> Place:
        """Where it is, for the next frame."""
        x, y, side = (self.region[:3] / width_px).tolist()
        return Place(x, y, side, float(self.region[3]), self.number)

    def track(self, width_px: int) -> Track:
        """What the stream keeps for its next frame."""
        others = tuple(other.place(width_px) for other in self.others)
        return Track(self.place(width_px), others, self.faces, self.searched_at_s)


def is_same(one: F32, other: F32) -> bool:
    """Whether two regions hold one face: centres within a quarter of the smaller side.

    A region is 1.5 faces wide, so that is within 0.4 faces.
    """
    apart = float(np.hypot(one[0] - other[0], one[1] - other[1]))
    return apart < min(float(one[2]), float(other[2])) / 4


def overlap(one: F32, other: F32) -> float:
    """Intersection over union of the upright face boxes in two regions."""
    shared = 1.0
    for axis in (0, 1):
        low = max(float(each[axis]) - float(each[2]) * FACE_SHARE / 2 for each in (one, other))
        high = min(float(each[axis]) + float(each[2]) * FACE_SHARE / 2 for each in (one, other))
        shared *= max(high - low, 0.0)
    areas = sum((float(each[2]) * FACE_SHARE) ** 2 for each in (one, other))
    return shared / max(areas - shared, 1e-9)


def match(regions: Sequence[F32], known: Sequence[F32]) -> list[int | None]:
    """Which known region each region continues: the best overlap, else the nearest centre.

    Pairs are taken best first; an overlap counts above `MIN_OVERLAP`, a centre within half a face.

    Returns:
        For each region its index in `known`, each at most once, or None.
    """
    pairs = []
    for row, region in enumerate(regions):
        for column, other in enumerate(known):
            shared = overlap(region, other)
            apart = float(np.hypot(*(region[:2] - other[:2])) / max(float(other[2]), 1e-6))
            if shared > MIN_OVERLAP:
                pairs.append((0, -shared, row, column))
            elif apart < FACE_SHARE / 2:
                pairs.append((1, apart, row, column))
    found: list[int | None] = [None] * len(regions)
    taken: set[int] = set()
    for _, _, row, column in sorted(pairs):
        if found[row] is None and column not in taken:
            found[row] = column
            taken.add(column)
    return found


def new_number() -> int:
    """A number for a face nobody has seen before in this stream."""
    return 1 + secrets.randbelow(MAX_NUMBER)
