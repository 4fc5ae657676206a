"""Both eyes of each face, cut out level: what the networks of eyes are fed with.

A crop is a square around the middle of an eye's corners, turned by the head's roll.
"""

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from inference.perception import points
from inference.perception.crop import crop_matrices
from inference.perception.decode import CHANNELS

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]
U8 = npt.NDArray[np.uint8]

CORNERS = (
    (points.RIGHT_OUTER, points.RIGHT_INNER),
    (points.LEFT_OUTER, points.LEFT_INNER),
)
"""Of the subject's right and left eye."""


def eye_regions(landmarks: F32, roll_rad: F64, widths: float) -> F32:
    """Squares around both eyes.

    Args:
        landmarks: (N, 478, 3) pixels.
        roll_rad: (N,) of the heads, clockwise in the image.
        widths: side of the square over the distance of the eye's corners.

    Returns:
        (N, 2, 4) regions of the subject's right and left eye.
    """
    corners = landmarks[:, CORNERS, :2]  # face, eye, corner, axis
    regions = np.empty((len(landmarks), 2, 4), np.float32)
    regions[:, :, :2] = corners.mean(axis=2)
    regions[:, :, 2] = np.linalg.norm(corners[:, :, 0] - corners[:, :, 1], axis=2) * widths
    regions[:, :, 3] = roll_rad[:, None]
    return regions


def cut_eyes(pictures: Sequence[U8], regions: F32, side_px: int) -> U8:
    """Cut both eyes out of each picture.

    Args:
        pictures: N of (H, W, 3) RGB.
        regions: (N, 2, 4).
        side_px: side of the crops.

    Returns:
        (N, 2, side, side, 3) RGB.
    """
    crops = np.empty((len(pictures) * 2, side_px, side_px, CHANNELS), np.uint8)
    matrices = crop_matrices(regions.reshape(-1, 4), side_px)
    for index, matrix in enumerate(matrices):
        cv2.warpAffine(
            pictures[index // 2],
            matrix,
            (side_px, side_px),
            dst=crops[index],
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
    return crops.reshape(len(pictures), 2, side_px, side_px, 3)


def to_planes(eyes: U8) -> F32:
    """(N, side, side, 3) RGB as (N, 3, side, side) planes of blue, green, red, 0..255."""
    return eyes[..., ::-1].transpose(0, 3, 1, 2).astype(np.float32)
