"""One person's picture with its landmarks: what a puppet is made of."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from demo.puppet.mesh import F32, FACE_POINTS, I32, triangles_of

U8 = NDArray[np.uint8]

FACE_WIDTH_PX = 280.0
"""Width of the mesh in the texture: a little more than it gets on a supersampled 320x240 frame."""

MARGIN = 0.15
"""Picture kept around the mesh, share of its size."""


@dataclass(frozen=True, slots=True)
class Portrait:
    """A texture, the 478 landmarks in it, and the triangles that join the first 468."""

    name: str
    texture: U8
    """(H, W, 3) RGB, cut around the face."""
    points: F32
    """(478, 3) pixels of the texture; z in the unit of x, smaller is nearer."""
    triangles: I32
    """(T, 3) indices into the points."""


def make_portrait(name: str, picture: U8, points: F32) -> Portrait:
    """Cut the face out of a picture and scale it to the size that frames need.

    Args:
        name: whose picture it is.
        picture: (H, W, 3) RGB.
        points: (478, 3) landmarks in pixels of the picture.
    """
    face = points[:FACE_POINTS, :2]
    size = np.ptp(face, axis=0)
    low = np.floor(np.maximum(face.min(axis=0) - MARGIN * size, 0)).astype(int)
    high = np.ceil(face.max(axis=0) + MARGIN * size).astype(int)
    cut = picture[low[1] : high[1], low[0] : high[0]]
    scale = FACE_WIDTH_PX / float(size[0])
    shape = (round(cut.shape[1] * scale), round(cut.shape[0] * scale))
    texture = cv2.resize(cut, shape, interpolation=cv2.INTER_CUBIC)
    ratio = np.array([shape[0] / cut.shape[1], shape[1] / cut.shape[0]])
    moved = points.astype(np.float32).copy()
    moved[:, :2] = (moved[:, :2] - low) * ratio
    moved[:, 2] *= scale
    return Portrait(
        name=name,
        texture=np.asarray(texture, dtype=np.uint8),
        points=moved,
        triangles=triangles_of(moved[:FACE_POINTS, :2]),
    )
