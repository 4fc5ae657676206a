"""Regions of a picture, and the warps that cut them out.

A region is (centre x, centre y, side, angle): a square in decoded pixels, turned clockwise by
`angle` radians. Crops map corner to corner without a half-pixel shift, as in training.
"""

import math

import cv2
import numpy as np
import numpy.typing as npt

from inference.perception import points

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]
U8 = npt.NDArray[np.uint8]

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
    x, y, side, angle = regions.astype(np.float64).T
    cosine, sine = np.cos(angle) * side / size_px, np.sin(angle) * side / size_px
    half = size_px / 2
    matrices = np.empty((len(regions), 2, 3), np.float32)
    matrices[:, 0, 0] = cosine
    matrices[:, 0, 1] = -sine
    matrices[:, 0, 2] = x - cosine * half + sine * half
    matrices[:, 1, 0] = sine
    matrices[:, 1, 1] = cosine
    matrices[:, 1, 2] = y - sine * half - cosine * half
    return matrices


def cut(pixels: U8, matrix: F32, into: U8) -> None:
    """Warp a region of (H, W, 4) pixels into the square `into`; the picture's border repeats.

    Positions are rounded to 1/32 pixel, as OpenCV did before its version 5 and MediaPipe does
    still. Exact ones would be as quick, but the mesh follows its own landmarks from frame to frame
    and that feedback makes several percent of the eye distance out of the difference.

    OpenCV repeats a border slowly, so where the region leaves the picture the part that it needs
    is copied with its border; every pixel comes out the same.
    """
    size_px = into.shape[0]
    across, down = (_span(row, size_px) for row in matrix.tolist())
    mode = cv2.BORDER_CONSTANT
    left = top = 0
    if not (_is_within(across, pixels.shape[1]) and _is_within(down, pixels.shape[0])):
        bordered = _bordered(pixels, across, down)
        if bordered is None:
            mode = cv2.BORDER_REPLICATE
        else:
            pixels, left, top = bordered, across[0], down[0]
    shifted = matrix.astype(np.float64) - [[0, 0, left], [0, 0, top]]
    _sample(pixels, shifted, into, mode)


def _sample(pixels: U8, matrix: F64, into: U8, mode: int) -> None:
    """Bilinear samples at 1/32 pixel where the (2, 3) matrix carries each pixel of `into`."""
    assert pixels.shape[2] == into.shape[2]  # noqa: S101 - OpenCV would write elsewhere
    steps = np.arange(into.shape[0])
    along_row = (matrix[:, :1] * steps + matrix[:, 2:]).astype(np.float32)
    along_column = (matrix[:, 1:2] * steps).astype(np.float32)
    columns, rows = along_row[:, None, :] + along_column[:, :, None]
    whole, share = cv2.convertMaps(columns, rows, cv2.CV_16SC2)
    cv2.remap(pixels, whole, share, cv2.INTER_LINEAR, dst=into, borderMode=mode)


def _span(row: list[float], size_px: int) -> tuple[int, int]:
    """First and last pixel along one axis of the picture that a crop reads."""
    one, other, shift = row
    last_px = size_px - 1
    low = shift + min(one, 0) * last_px + min(other, 0) * last_px
    high = shift + max(one, 0) * last_px + max(other, 0) * last_px
    return math.floor(low), math.ceil(high)


def _is_within(span: tuple[int, int], length_px: int) -> bool:
    return span[0] >= 0 and span[1] < length_px


def _bordered(pixels: U8, across: tuple[int, int], down: tuple[int, int]) -> U8 | None:
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
    """Shrink (H, W, 4) pixels into the square `into`; the border is black."""
    (scale, _, shift_x), (_, _, shift_y) = matrix.astype(np.float64).tolist()
    back = np.array([[1 / scale, 0, -shift_x / scale], [0, 1 / scale, -shift_y / scale]])
    _sample(pixels, back, into, cv2.BORDER_CONSTANT)


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
