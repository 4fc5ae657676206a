"""Regions of a picture, and the warps that cut them out.

A region is (centre x, centre y, side, angle): a square in decoded pixels, turned clockwise by
`angle` radians. Crops map corner to corner without a half-pixel shift, as in training.
"""

import math
from functools import cache

import cv2
import numpy as np
import numpy.typing as npt

from inference.perception import points

F32 = npt.NDArray[np.float32]
U8 = npt.NDArray[np.uint8]
Row = list[float]
"""One axis of a map from a crop to its picture: a step right, a step down, and where it begins."""

TOGETHER: F32 = np.empty(0, np.float32)
"""Tells OpenCV that the other map holds both axes."""

MARGIN = 1.5
"""Side of a region over the longer side of the box of its face."""


def crop_matrices(regions: F32, size_px: int) -> F32:
    """Affine maps from crop pixels to picture pixels.

    Args:
        regions: (N, 4).
        size_px: side of the crop.

    Returns:
        (N, 2, 3).
    """
    return np.array([crop_matrix(region, size_px) for region in regions], np.float32)


def crop_matrix(region: F32, size_px: int) -> F32:
    """(2, 3) affine map from crop pixels to picture pixels, of a (4,) region."""
    x, y, side, angle = region.tolist()
    cosine, sine = math.cos(angle) * side / size_px, math.sin(angle) * side / size_px
    half = size_px / 2
    along_row = cosine, -sine, x - cosine * half + sine * half
    along_column = sine, cosine, y - sine * half - cosine * half
    return np.array([along_row, along_column], np.float32)


def cut(pixels: U8, matrix: F32, into: U8) -> None:
    """Warp a region of (H, W, 3) pixels into the square `into`; the picture's border repeats.

    The part of the picture that is needed is copied first, with the border that it needs: samples
    are taken from here and there, and of a whole picture most would come from distant memory.
    """
    to_x, to_y = matrix.tolist()
    across, down = _span(to_x, into.shape[0]), _span(to_y, into.shape[0])
    piece = _piece(pixels, across, down)
    if piece is None:
        _sample(pixels, to_x, to_y, into, cv2.BORDER_REPLICATE)
        return
    to_x[2] -= across[0]
    to_y[2] -= down[0]
    _sample(piece, to_x, to_y, into, cv2.BORDER_CONSTANT)


def _sample(pixels: U8, to_x: Row, to_y: Row, into: U8, mode: int) -> None:
    """Bilinear samples where the rows of a matrix carry each pixel of `into`.

    In fixed point: positions are rounded to 1/32 pixel and halves of a value up, as OpenCV did
    before its version 5 and MediaPipe does still. The mesh follows its own landmarks from frame to
    frame, and that feedback would make percents of the eye distance out of a difference.
    """
    assert pixels.shape[2] == into.shape[2]  # noqa: S101 - OpenCV would write elsewhere
    places = cv2.transform(_places(len(into)), np.array([to_x, to_y]))
    whole, share = cv2.convertMaps(places, TOGETHER, cv2.CV_16SC2)
    cv2.remap(pixels, whole, share, cv2.INTER_LINEAR, dst=into, borderMode=mode)


@cache
def _places(size_px: int) -> F32:
    """(size, size, 2) x and y of every pixel of a square."""
    y, x = np.indices((size_px, size_px), np.float32)
    return np.stack([x, y], axis=2)


def _span(row: Row, size_px: int) -> tuple[int, int]:
    """First and last pixel along one axis of the picture that a crop reads."""
    one, other, shift = row
    last_px = size_px - 1
    low = shift + min(one, 0) * last_px + min(other, 0) * last_px
    high = shift + max(one, 0) * last_px + max(other, 0) * last_px
    return math.floor(low), math.ceil(high)


def _piece(pixels: U8, across: tuple[int, int], down: tuple[int, int]) -> U8 | None:
    """Copy the part of a picture in those spans, its border repeated outside.

    None where that part is mostly border: a copy could be larger than the picture.
    """
    height, width = pixels.shape[:2]
    left, top = max(across[0], 0), max(down[0], 0)
    right, bottom = min(across[1] + 1, width), min(down[1] + 1, height)
    if 2 * (right - left) <= across[1] - across[0] or 2 * (bottom - top) <= down[1] - down[0]:
        return None
    copied = cv2.copyMakeBorder(
        pixels[top:bottom, left:right],
        top - down[0],
        down[1] + 1 - bottom,
        left - across[0],
        across[1] + 1 - right,
        cv2.BORDER_REPLICATE,
    )
    return np.asarray(copied, np.uint8)


def letterbox_matrix(height: int, width: int, size_px: int) -> F32:
    """(2, 3) map from picture pixels into a square that holds the whole picture, centred."""
    scale = size_px / max(height, width)
    shift_x, shift_y = (size_px - width * scale) / 2, (size_px - height * scale) / 2
    return np.array([[scale, 0, shift_x], [0, scale, shift_y]], np.float32)


def letterbox(pixels: U8, matrix: F32, into: U8) -> None:
    """Shrink (H, W, 3) pixels into the square `into`; the border is black."""
    (scale, _, shift_x), (_, _, shift_y) = matrix.tolist()
    to_x, to_y = [1 / scale, 0, -shift_x / scale], [0, 1 / scale, -shift_y / scale]
    _sample(pixels, to_x, to_y, into, cv2.BORDER_CONSTANT)


def region_from_box(box: F32, right_eye: F32, left_eye: F32) -> F32:
    """(4,) region around a detected face.

    Args:
        box: (4,) x0 y0 x1 y1, pixels.
        right_eye: (2,) the subject's right eye, pixels.
        left_eye: (2,) the subject's left eye, pixels.
    """
    angle = np.arctan2(left_eye[1] - right_eye[1], left_eye[0] - right_eye[0])
    side = max(box[2] - box[0], box[3] - box[1]) * MARGIN
    return np.array([(box[0] + box[2]) / 2, (box[1] + box[3]) / 2, side, angle], np.float32)


def regions_from_landmarks(landmarks: F32) -> F32:
    """Regions around meshes.

    Args:
        landmarks: (N, 468.., 2..) pixels.

    Returns:
        (N, 4).
    """
    low, high = extent(landmarks)
    eyes = landmarks[:, points.LEFT_OUTER, :2] - landmarks[:, points.RIGHT_OUTER, :2]
    regions = np.empty((len(landmarks), 4), np.float32)
    regions[:, :2] = (low + high) / 2
    regions[:, 2] = (high - low).max(axis=1) * MARGIN
    regions[:, 3] = np.arctan2(eyes[:, 1], eyes[:, 0])
    return regions


def extent(landmarks: F32) -> tuple[F32, F32]:
    """(N, 2) lowest and highest x and y of (N, 468.., 2..) meshes, irises left out.

    Copied axis by axis first: that is 40 times as quick as a reduction over scattered numbers.
    """
    axes = np.ascontiguousarray(landmarks[:, : points.MESH_POINTS, :2].transpose(2, 0, 1))
    return axes.min(axis=2).T, axes.max(axis=2).T
