"""How well can this picture be read? Sharpness, brightness, and the sizes that measuring needs."""

import cv2
import numpy as np
import numpy.typing as npt

U8 = npt.NDArray[np.uint8]
F32 = npt.NDArray[np.float32]

MIN_HEAD_PX = 18.0
MIN_EYES_PX = 30.0
MIN_GAZE_PX = 45.0
"""Smallest distance of the outer eye corners at which each thing is measured at all."""

THUMBNAIL_STEP = 8
"""Every so many pixels are looked at for the brightness of a whole picture."""


def sharpness_and_brightness(crops: U8) -> tuple[F32, F32]:
    """Measure the green channel of face crops.

    Args:
        crops: (N, side, side, 3).

    Returns:
        (N,) variance of the Laplacian, comparable between crops of one side only; (N,) mean 0..1.
    """
    sharpness = np.empty(len(crops), np.float32)
    brightness = np.empty(len(crops), np.float32)
    for index, crop in enumerate(crops):
        green = np.ascontiguousarray(crop[:, :, 1])
        brightness[index] = cv2.mean(green)[0] / 255
        _, deviation = cv2.meanStdDev(cv2.Laplacian(green, cv2.CV_16S))
        sharpness[index] = deviation[0, 0] ** 2
    return sharpness, brightness


def picture_brightness(pixels: U8) -> float:
    """Mean of a whole picture, 0..1, from a sparse grid of its pixels."""
    return float(pixels[::THUMBNAIL_STEP, ::THUMBNAIL_STEP, 1].mean()) / 255
