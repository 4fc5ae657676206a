"""Real faces for parity tests: the two portraits, warped in many ways, and pictures without one."""

from collections.abc import Iterator
from itertools import product

import cv2
import numpy as np

from inference.models.folder import ModelFolder, PictureName
from inference.models.portrait import U8, read_pixels
from tests.inference.models.drafts import F32

PORTRAITS: tuple[PictureName, ...] = ("astronaut", "grace_hopper")
FACELESS: tuple[PictureName, ...] = ("chelsea", "coffee", "brick")

_REGIONS = {"astronaut": (225.0, 123.0, 163.0), "grace_hopper": (262.0, 233.0, 306.0)}


def face_crops(models: ModelFolder, size_px: int) -> F32:
    """Return (N, size, size, 3) RGB in 0..1: each face near and far, turned, moved and mirrored."""
    crops = []
    for name, zoom, turn_deg, shift in product(PORTRAITS, (0.9, 1.15), (-15, 0, 20), (-0.05, 0.05)):
        pixels = read_pixels(models.portrait(name))
        crops.append(_crop(pixels, name, zoom, turn_deg, shift, size_px))
    mirrored = [crop[:, ::-1] for crop in crops[::4]]
    dark = [crop * np.float32(0.3) for crop in crops[1::6]]
    return np.stack([*crops, *mirrored, *dark]).astype(np.float32)


def whole_pictures(models: ModelFolder, size_px: int) -> F32:
    """Return (N, size, size, 3) RGB in -1..1: portraits and faceless pictures, stretched."""
    pictures = []
    for name in (*PORTRAITS, *FACELESS):
        pixels = read_pixels(models.portrait(name))
        for view in _views(pixels):
            small = cv2.resize(view, (size_px, size_px), interpolation=cv2.INTER_AREA)
            pictures.append(small.astype(np.float32) / np.float32(127.5) - 1)
    return np.stack(pictures).astype(np.float32)


def _views(pixels: U8) -> Iterator[U8]:
    height, width = pixels.shape[:2]
    yield pixels
    yield np.ascontiguousarray(pixels[:, ::-1])
    yield pixels[: height * 3 // 4, width // 8 : width * 7 // 8]
    yield cv2.convertScaleAbs(pixels, alpha=0.4).astype(np.uint8)


def _crop(  # noqa: PLR0913, PLR0917 - one argument for each way to warp
    pixels: U8, name: str, zoom: float, turn_deg: float, shift: float, size_px: int
) -> F32:
    x, y, side = _REGIONS[name]
    side *= zoom
    x += shift * side
    matrix = np.asarray(cv2.getRotationMatrix2D((x, y), turn_deg, size_px / side), np.float64)
    matrix[:, 2] += [size_px / 2 - x, size_px / 2 - y]
    crop = cv2.warpAffine(pixels, matrix, (size_px, size_px), borderMode=cv2.BORDER_REPLICATE)
    return crop.astype(np.float32) / np.float32(255)
