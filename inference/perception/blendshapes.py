"""Movements of a face by the networks of `face_landmarker.task`: 478 points, then 52 blendshapes.

Input contracts. Points: square crop 256x256 RGB, x/255, cut by a region of 1.5 times the face, eyes
level. Blendshapes: x and y of 146 of these points in pixels; the network takes size and place out.
A blendshape's activation is 0..1. Its Left and Right are the subject's. These are no action units.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from inference.perception.crop import crop_matrices, cut, regions_from_landmarks
from inference.perception.decode import CHANNELS
from inference.perception.points import ALL_POINTS
from inference.perception.rows import Opener, RowNetwork
from inference.scheduling.stages import StageRun

F32 = npt.NDArray[np.float32]
U8 = npt.NDArray[np.uint8]

SIDE_PX = 256
LANDMARKS_OUTPUT = 0
"""Index; the others are flags of presence, which the attention mesh has given already."""

# fmt: off
POINTS = np.array([
    0, 1, 4, 5, 6, 7, 8, 10, 13, 14, 17, 21, 33, 37, 39, 40, 46, 52, 53, 54, 55, 58, 61, 63,
    65, 66, 67, 70, 78, 80, 81, 82, 84, 87, 88, 91, 93, 95, 103, 105, 107, 109, 127, 132,
    133, 136, 144, 145, 146, 148, 149, 150, 152, 153, 154, 155, 157, 158, 159, 160, 161,
    162, 163, 168, 172, 173, 176, 178, 181, 185, 191, 195, 197, 234, 246, 249, 251, 263,
    267, 269, 270, 276, 282, 283, 284, 285, 288, 291, 293, 295, 296, 297, 300, 308, 310,
    311, 312, 314, 317, 318, 321, 323, 324, 332, 334, 336, 338, 356, 361, 362, 365, 373,
    374, 375, 377, 378, 379, 380, 381, 382, 384, 385, 386, 387, 388, 389, 390, 397, 398,
    400, 402, 405, 409, 415, 454, 466, 468, 469, 470, 471, 472, 473, 474, 475, 476, 477,
], np.int64)
# fmt: on
"""(146,) which of the 478 the blendshapes are made of, in the network's order."""

SMILE = (44, 45)
BROWS_DOWN = (1, 2)
SQUINT = (19, 20)
"""Left and right of mouthSmile, browDown, eyeSquint among the 52."""


class Blendshapes:
    """Runs both networks on faces that were found already."""

    def __init__(self, points: RowNetwork, blendshapes: RowNetwork) -> None:
        self._points = points
        self._blendshapes = blendshapes

    @staticmethod
    def is_built(opener: Opener) -> bool:
        """Whether both are there to be opened."""
        return opener.folder.has("face_landmarks_v2") and opener.folder.has("blendshapes")

    @classmethod
    def load(cls, opener: Opener) -> "Blendshapes | None":
        """Open and warm both, if both are there.

        Raises:
            Misconfigured: one is damaged, or does not run there.
        """
        if not cls.is_built(opener):
            return None
        points, blendshapes = opener.open("face_landmarks_v2"), opener.open("blendshapes")
        if points is None or blendshapes is None:
            return None
        return cls(points, blendshapes)

    def activations(self, pictures: Sequence[U8], landmarks: F32) -> F32:
        """All 52 activations, (N, 52) 0..1.

        Args:
            pictures: N of (H, W, 3) RGB.
            landmarks: (N, 478, 3) pixels, of the attention mesh, N >= 1.
        """
        matrices = crop_matrices(regions_from_landmarks(landmarks), SIDE_PX)
        crops = np.empty((len(pictures), SIDE_PX, SIDE_PX, CHANNELS), np.uint8)
        for pixels, matrix, into in zip(pictures, matrices, crops, strict=True):
            cut(pixels, matrix, into)
        [name] = self._points.inputs
        points = self._points.run({name: self._pictures(crops)})[LANDMARKS_OUTPUT].reshape(
            -1, ALL_POINTS, 3
        )
        used = points[:, POINTS, :2] @ matrices[:, :, :2].transpose(0, 2, 1)
        used += matrices[:, None, :, 2]
        [name] = self._blendshapes.inputs
        [activations] = self._blendshapes.run({name: used})
        return activations

    def movements(self, pictures: Sequence[U8], landmarks: F32) -> F32:
        """(N, 3) smile, brows down and squint, 0..1, each the mean of both sides."""
        activations = self.activations(pictures, landmarks)
        sides = [activations[:, list(pair)].mean(axis=1) for pair in (SMILE, BROWS_DOWN, SQUINT)]
        return np.stack(sides, axis=1)

    def take_runs(self) -> list[StageRun]:
        """Return the runs since the last call."""
        return [*self._points.take_runs(), *self._blendshapes.take_runs()]

    def _pictures(self, crops: U8) -> F32 | U8:
        """What the first network takes of (N, side, side, 3) crops."""
        if self._points.takes_bytes:
            return crops
        rows = crops.astype(np.float32)
        rows /= 255
        return rows
