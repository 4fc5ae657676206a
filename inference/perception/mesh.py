"""478 points of each face in its region: the attention mesh.

Input contract: square crop 192x192 RGB, x/255, cut by a region of 1.5 times the face, eyes level.
Refinement: the lips and eyes outputs replace x and y of their points; the graph gives irises no
depth, so each takes the mean depth of its eye's contour (with zero it would move by several percent
of the eye width at 20 degrees of yaw). Depth has the unit of x; smaller is nearer.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from inference.perception import points
from inference.perception.crop import crop_matrices, cut
from inference.perception.decode import CHANNELS, Picture
from inference.perception.hands import Hands
from inference.perception.networks import InputContract, Network
from inference.perception.quality import sharpness_and_brightness

F32 = npt.NDArray[np.float32]

SIDE_PX = 192
CONTRACT = InputContract(SIDE_PX, 1 / 255, 0.0)
FACE = slice(SIDE_PX // 4, -(SIDE_PX // 4))
"""Rows and columns of a crop that hold nothing but face: where its sharpness is measured."""
MIN_PROBABILITY = 0.5
"""Above this there is a face. The mesh says so, not the detector."""


@dataclass(frozen=True, slots=True, eq=False)
class FaceMesh:
    """One mesh in decoded pixels of its picture."""

    landmarks: F32
    """(478, 3)."""
    probability: float
    """That there is a face at all, 0..1."""
    sharpness: float
    brightness: float
    """0..1."""


@dataclass(frozen=True, slots=True, eq=False)
class FaceMeshes:
    """N meshes in decoded pixels of their pictures."""

    landmarks: F32
    """(N, 478, 3)."""
    probability: F32
    """(N,)."""
    sharpness: F32
    """(N,)."""
    brightness: F32
    """(N,)."""

    def row(self, index: int) -> FaceMesh:
        """One of them."""
        return FaceMesh(
            self.landmarks[index],
            float(self.probability[index]),
            float(self.sharpness[index]),
            float(self.brightness[index]),
        )


class Mesh:
    """Runs the attention mesh on regions of pictures."""

    def __init__(self, network: Network, hands: Hands | None = None) -> None:
        self._network = network
        self._hands = hands or Hands()

    def run(self, pictures: list[Picture], regions: F32) -> FaceMeshes:
        """Measure one region of each picture.

        Args:
            pictures: N, the same one may come more than once.
            regions: (N, 4).
        """
        crops = np.empty((len(pictures), SIDE_PX, SIDE_PX, CHANNELS), np.uint8)
        matrices = crop_matrices(regions, SIDE_PX)

        def measured(index: int) -> tuple[F32, F32]:
            cut(pictures[index].pixels, matrices[index], crops[index])
            return sharpness_and_brightness(crops[index : index + 1, FACE, FACE])

        quality = self._hands.map(measured, range(len(pictures)))
        outputs = self._network.run(crops)
        landmarks = assemble(outputs)
        project(landmarks, matrices)
        landmarks[:, :, 2] *= regions[:, 2, None] / SIDE_PX
        flags = outputs["conv_faceflag"].reshape(len(pictures))
        probability = 1 / (1 + np.exp(-np.clip(flags, -80, 80)))
        return FaceMeshes(
            landmarks,
            probability.astype(np.float32),
            *(np.concatenate(values) for values in zip(*quality, strict=True)),
        )


def project(landmarks: F32, matrices: F32) -> None:
    """Carry x and y of (N, L, 2..) crop points to the picture, in place.

    Written out: numpy's product of many tiny matrices takes five times as long.
    """
    x, y = landmarks[:, :, 0], landmarks[:, :, 1]
    (a, b, c), (d, e, f) = matrices.transpose(1, 2, 0)[:, :, :, None]
    landmarks[:, :, 0], landmarks[:, :, 1] = a * x + b * y + c, d * x + e * y + f


def assemble(outputs: Mapping[str, F32]) -> F32:
    """Put the network's outputs together, (N, 478, 3) in crop pixels."""
    base = outputs["output_mesh_identity"]
    count = base.shape[0]
    landmarks = np.empty((count, points.ALL_POINTS, 3), np.float32)
    landmarks[:, : points.MESH_POINTS] = base.reshape(count, points.MESH_POINTS, 3)
    for name, ids in (
        ("output_lips", points.LIPS),
        ("output_left_eye", points.RIGHT_EYE),
        ("output_right_eye", points.LEFT_EYE),
    ):
        landmarks[:, ids, :2] = outputs[name].reshape(count, -1, 2)
    for name, first, eye in (
        ("output_left_iris", points.RIGHT_IRIS, points.RIGHT_EYE),
        ("output_right_iris", points.LEFT_IRIS, points.LEFT_EYE),
    ):
        iris = slice(first, first + points.IRIS_POINTS)
        contour = eye[: points.EYE_CONTOUR_POINTS]
        landmarks[:, iris, :2] = outputs[name].reshape(count, points.IRIS_POINTS, 2)
        landmarks[:, iris, 2] = landmarks[:, contour, 2].mean(axis=1, keepdims=True)
    return landmarks
