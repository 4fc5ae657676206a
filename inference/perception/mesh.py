"""478 points of each face in its region: the attention mesh.

Input contract: square crop 192x192 RGB, x/255, cut by a region of 1.5 times the face, eyes level.
`assembly` says where each number comes from. Depth has the unit of x; smaller is nearer.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from inference.perception.assembly import assemble
from inference.perception.crop import crop_matrix, cut
from inference.perception.decode import CHANNELS, Picture
from inference.perception.hands import Hands
from inference.perception.networks import InputContract, Network

F32 = npt.NDArray[np.float32]
U8 = npt.NDArray[np.uint8]

SIDE_PX = 192
CONTRACT = InputContract(SIDE_PX, 1 / 255, 0.0)
MIN_PROBABILITY = 0.5
"""Above this there is a face. The mesh says so, not the detector."""


@dataclass(frozen=True, slots=True, eq=False)
class FaceCrop:
    """What the mesh looks at: one region, cut out of a picture. It lives as long as its batch."""

    region: F32
    """(4,) in decoded pixels of the picture."""
    matrix: F32
    """(2, 3) from pixels of the crop to those of the picture."""
    pixels: U8 = field(repr=False)
    """(192, 192, 3) RGB."""


@dataclass(frozen=True, slots=True, eq=False)
class FaceMesh:
    """One mesh in decoded pixels of its picture."""

    landmarks: F32
    """(478, 3)."""
    probability: float
    """That there is a face at all, 0..1."""
    crop: U8 = field(repr=False)
    """(192, 192, 3) RGB, where it was seen."""


@dataclass(frozen=True, slots=True, eq=False)
class FaceMeshes:
    """N meshes in decoded pixels of their pictures."""

    landmarks: F32
    """(N, 478, 3)."""
    probability: F32
    """(N,)."""
    crops: Sequence[FaceCrop] = field(repr=False)
    """N of them."""

    def row(self, index: int) -> FaceMesh:
        """One of them."""
        probability = float(self.probability[index])
        return FaceMesh(self.landmarks[index], probability, self.crops[index].pixels)


class Mesh:
    """Runs the attention mesh on crops of pictures."""

    def __init__(self, network: Network, hands: Hands | None = None) -> None:
        self._network = network
        self._hands = hands or Hands()

    def cut(self, pictures: Sequence[Picture], regions: Sequence[F32]) -> list[FaceCrop]:
        """Cut one region out of each picture; the same one may come more than once."""
        pairs = list(zip(pictures, regions, strict=True))
        return self._hands.map(lambda pair: cut_face(*pair), pairs)

    def run(self, crops: Sequence[FaceCrop]) -> FaceMeshes:
        """Measure N crops."""
        outputs = self._network.run([crop.pixels for crop in crops])
        landmarks = assemble(outputs)
        project(landmarks, np.stack([crop.matrix for crop in crops]))
        sides = np.array([crop.region[2] for crop in crops], np.float32)
        landmarks[:, :, 2] *= sides[:, None] / SIDE_PX
        flags = outputs["conv_faceflag"].reshape(len(crops))
        probability = np.add(np.tanh(flags / 2) / 2, 0.5, dtype=np.float32)  # logistic
        return FaceMeshes(landmarks, probability, crops)


def cut_face(picture: Picture, region: F32) -> FaceCrop:
    """Cut a (4,) region out of a picture for the mesh."""
    matrix = crop_matrix(region, SIDE_PX)
    pixels = np.empty((SIDE_PX, SIDE_PX, CHANNELS), np.uint8)
    cut(picture.pixels, matrix, pixels)
    return FaceCrop(region, matrix, pixels)


def project(landmarks: F32, matrices: F32) -> None:
    """Carry x and y of (N, L, 2..) crop points to the picture, in place.

    Written out: numpy's product of many tiny matrices takes five times as long.
    """
    x, y = landmarks[:, :, 0], landmarks[:, :, 1]
    (a, b, c), (d, e, f) = matrices.transpose(1, 2, 0)[:, :, :, None]
    landmarks[:, :, 0], landmarks[:, :, 1] = a * x + b * y + c, d * x + e * y + f
