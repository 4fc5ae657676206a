"""Regions of a picture, and the warps that cut them out."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.perception.crop import (
    MARGIN,
    crop_matrices,
    cut,
    letterbox,
    letterbox_matrix,
    region_from_box,
    regions_from_landmarks,
)
from inference.perception.decode import CHANNELS

sides = st.floats(10, 500)
angles = st.floats(-3.1, 3.1)


@given(st.floats(0, 640), st.floats(0, 480), sides, angles)
def test_middle_of_a_crop_is_the_centre(x: float, y: float, side: float, angle: float) -> None:
    """Whatever its turn, a region's centre lands in the middle, and its corners at half a side."""
    [matrix] = crop_matrices(np.array([[x, y, side, angle]], np.float32), 192)
    assert matrix @ [96, 96, 1] == pytest.approx([x, y], abs=0.05)
    corner = matrix @ [0, 0, 1] - [x, y]
    assert np.hypot(*corner) == pytest.approx(side / np.sqrt(2), rel=1e-3)


def test_turned_region_is_cut_upright() -> None:
    """A bar that runs down a turned region runs down its crop."""
    picture = np.zeros((200, 200, CHANNELS), np.uint8)
    picture[95:105, 40:160] = 255
    into = np.empty((64, 64, CHANNELS), np.uint8)
    [matrix] = crop_matrices(np.array([[100, 100, 100, np.pi / 2]], np.float32), 64)
    cut(picture, matrix, into)
    assert into[:, 32].min() == 255
    assert into[:, :20].max() == 0


@pytest.mark.parametrize(("height", "width"), [(240, 320), (320, 240), (100, 100), (1, 50)])
def test_letterbox_holds_the_whole_picture(height: int, width: int) -> None:
    """The longer side fills the square, the rest is black on both sides alike."""
    into = np.empty((128, 128, CHANNELS), np.uint8)
    matrix = letterbox_matrix(height, width, 128)
    letterbox(np.full((height, width, CHANNELS), 255, np.uint8), matrix, into)
    assert matrix @ [width / 2, height / 2, 1] == pytest.approx([64, 64], abs=1e-4)
    filled = (into[:, :, 0] > 128).sum() / 128**2
    assert filled == pytest.approx(min(height, width) / max(height, width), abs=0.03)


def test_region_of_a_box_levels_the_eyes() -> None:
    """The angle is that of the line from the subject's right eye to the left one."""
    box = np.array([10, 20, 50, 80], np.float32)
    right_eye, left_eye = np.array([20, 40], np.float32), np.array([40, 60], np.float32)
    region = region_from_box(box, right_eye, left_eye)
    assert region == pytest.approx([30, 50, 60 * MARGIN, np.pi / 4], rel=1e-5)


def test_regions_of_landmarks_match_those_of_their_box() -> None:
    """Meshes and detections make the same region."""
    rng = np.random.default_rng(1)
    points = rng.uniform(100, 200, (3, 478, 3)).astype(np.float32)
    for mesh, region in zip(points, regions_from_landmarks(points), strict=True):
        low, high = mesh[:468, :2].min(axis=0), mesh[:468, :2].max(axis=0)
        box = np.concatenate([low, high])
        assert region == pytest.approx(region_from_box(box, mesh[33, :2], mesh[263, :2]), rel=1e-5)


def test_pixels_round_as_in_fixed_point() -> None:
    """Positions in steps of 1/32 pixel, then values with halves up: as MediaPipe's OpenCV does."""
    rng = np.random.default_rng(5)
    pixels = rng.integers(0, 256, (120, 160, CHANNELS), np.uint8)
    [matrix] = crop_matrices(np.array([[80, 60, 70, 0.3]], np.float32), 96)
    y, x = np.mgrid[0:96, 0:96]
    at = np.stack([x, y, np.ones_like(x)], axis=-1) @ matrix.T.astype(np.float64)
    at = np.rint(at * 32) / 32
    column, row = np.floor(at).astype(int).transpose(2, 0, 1)
    right, down = (at - np.floor(at)).transpose(2, 0, 1)[..., None]
    near, far = (
        pixels[line, column] * (1 - right) + pixels[line, column + 1] * right
        for line in (row, row + 1)
    )
    wanted = np.floor(near * (1 - down) + far * down + 0.5)
    into = np.empty((96, 96, CHANNELS), np.uint8)
    cut(pixels, matrix, into)
    assert (into == wanted).mean() > 0.999  # a position may lie between two steps


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("shape", [(90, 160), (30, 40), (5, 7)])
def test_the_border_is_repeated_wherever_the_region_lies(shape: tuple[int, int], seed: int) -> None:
    """The way that is taken for speed gives what OpenCV's own repeated border gives."""
    rng = np.random.default_rng(seed)
    height, width = shape
    noise = rng.integers(0, 256, (height, width, CHANNELS), np.uint8)
    pixels = np.asarray(cv2.GaussianBlur(noise, (0, 0), 1.5), np.uint8)
    x, y, side = rng.uniform([-0.3, -0.3, 0.05], [1.3, 1.3, 2.0]) * [width, height, width]
    matrix = crop_matrices(np.array([[x, y, side, rng.uniform(-3, 3)]], np.float32), 64)[0]
    into = np.empty((64, 64, CHANNELS), np.uint8)
    cut(pixels, matrix, into)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    wanted = cv2.warpAffine(pixels, matrix, (64, 64), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    assert np.abs(into.astype(int) - wanted).max() <= 1
