"""How well can this picture be read? Sharpness, brightness, and the sizes that measuring needs."""

import cv2
import numpy as np
import numpy.typing as npt

from inference.perception.observation import Box

U8 = npt.NDArray[np.uint8]
F32 = npt.NDArray[np.float32]

MIN_HEAD_PX = 18.0
MIN_EYES_PX = 30.0
MIN_GAZE_PX = 45.0
"""Smallest distance of the outer eye corners at which each thing is measured at all."""

BLACK, WHITE = 4, 251
"""Pixels at or beyond these have lost what they showed."""
FACE_SAMPLES = 48
"""So many pixels a side are looked at for the clipped share of a face."""

THUMBNAIL_STEP = 8
"""Every so many pixels are looked at for the brightness of a whole picture."""


def sharpness_and_brightness(crop: U8) -> tuple[float, float]:
    """Measure the green channel of the middle of a face's crop, which holds nothing but face.

    Args:
        crop: (side, side, 3).

    Returns:
        Variance of the Laplacian, comparable between crops of one side only; mean 0..1.
    """
    middle = slice(len(crop) // 4, -(len(crop) // 4))
    green = np.ascontiguousarray(crop[middle, middle, 1])
    edges = cv2.Laplacian(green, cv2.CV_16S)
    square = cv2.norm(edges, cv2.NORM_L2SQR) / edges.size
    return float(square - cv2.mean(edges)[0] ** 2), float(cv2.mean(green)[0] / 255)


def picture_brightness(pixels: U8) -> float:
    """Mean of a whole picture, 0..1, from a sparse grid of its pixels."""
    return float(pixels[::THUMBNAIL_STEP, ::THUMBNAIL_STEP, 1].mean()) / 255


def clipped_share(pixels: U8, box: Box) -> float:
    """Share of a face's pixels that are black or white beyond telling, from a sparse grid.

    Args:
        pixels: (H, W, 3) RGB.
        box: of the face in 0..1 of the picture.
    """
    height, width = pixels.shape[:2]
    left, top = min(int(box[0] * width), width - 1), min(int(box[1] * height), height - 1)
    right, bottom = max(int(box[2] * width), left + 1), max(int(box[3] * height), top + 1)
    step = max(1, round(max(right - left, bottom - top) / FACE_SAMPLES))
    green = pixels[top:bottom:step, left:right:step, 1]
    return float(np.count_nonzero((green <= BLACK) | (green >= WHITE)) / green.size)


def inside_share(boxes: F32) -> F32:
    """(N,) share of each (N, 4) box in 0..1 of its frame that lies inside it."""
    seen = np.clip(boxes, 0, 1)
    areas = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
    inside: F32 = (seen[:, 2:] - seen[:, :2]).prod(axis=1) / np.maximum(areas, 1e-9)
    return inside
