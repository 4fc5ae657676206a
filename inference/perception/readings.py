"""What the landmarks alone say of a batch of faces: pose, lids, size and place, one row a face.

The head pose comes first: it says which eye can be seen, and what may be measured at all.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from inference.perception.crop import extent
from inference.perception.decode import Picture
from inference.perception.eyes import eye_aspect_ratios, eye_distances, eye_weights
from inference.perception.observation import Box
from inference.perception.pose import HeadPoses, Reference
from inference.perception.quality import MIN_EYES_PX, MIN_GAZE_PX, MIN_HEAD_PX

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Readings:
    """N faces."""

    landmarks: F32
    """(N, 478, 3) decoded pixels."""
    poses: HeadPoses
    eye_weights: F64
    """(N, 2) how much the right and the left eye count."""
    eye_aspect_ratio: F64
    """(N,)."""
    seen_px: F64
    """(N,) distance of the outer eye corners in decoded pixels: what there is to measure with."""
    sent_px: F64
    """(N,) the same in pixels of the sent frame."""
    boxes: F32
    """(N, 4) of the faces in shares of their frames; may reach outside."""

    @property
    def has_head(self) -> Flags:
        """(N,) whether the face is large enough for a head pose."""
        return self.seen_px >= MIN_HEAD_PX

    @property
    def has_eyes(self) -> Flags:
        """(N,) whether it is large enough for lids."""
        return self.seen_px >= MIN_EYES_PX

    @property
    def has_gaze(self) -> Flags:
        """(N,) whether it is large enough for a gaze, and not turned away."""
        return (self.seen_px >= MIN_GAZE_PX) & ~self.poses.is_turned_away

    def boxes_inside(self) -> list[Box]:
        """Boxes of the faces in 0..1 of their frames."""
        return [(x0, y0, x1, y1) for x0, y0, x1, y1 in np.clip(self.boxes, 0, 1).tolist()]


def read_landmarks(pictures: Sequence[Picture], landmarks: F32, reference: Reference) -> Readings:
    """Read N faces.

    Args:
        pictures: the picture of each face.
        landmarks: (N, 478, 3) decoded pixels, N >= 1.
        reference: face that head poses are fitted with.
    """
    poses = reference.poses(landmarks)
    weights = eye_weights(poses.yaw_rad)
    seen_px = eye_distances(landmarks)
    return Readings(
        landmarks,
        poses,
        weights,
        (eye_aspect_ratios(landmarks) * weights).sum(axis=1),
        seen_px,
        seen_px * np.array([picture.scale for picture in pictures]),
        _boxes(pictures, landmarks),
    )


def _boxes(pictures: Sequence[Picture], landmarks: F32) -> F32:
    low, high = extent(landmarks)
    sizes = np.array([picture.pixels.shape[1::-1] for picture in pictures], np.float32)
    boxes: F32 = np.concatenate([low / sizes, high / sizes], axis=1)
    return boxes
