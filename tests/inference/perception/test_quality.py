"""How well can this picture be read?"""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.perception.quality import (
    clipped_share,
    inside_share,
    picture_brightness,
    sharpness_and_brightness,
)
from tests.inference.perception.puppet import U8


def test_blur_lowers_sharpness_and_light_raises_brightness(portraits: dict[str, U8]) -> None:
    """Each measure moves with its cause and leaves the other nearly alone."""
    face = cv2.resize(portraits["grace_hopper"][130:340, 180:360], (192, 192))
    blurred = cv2.GaussianBlur(face, (0, 0), 3)
    dark = cv2.convertScaleAbs(face, alpha=0.3)
    sharpness, brightness = zip(
        *(sharpness_and_brightness(np.asarray(crop, np.uint8)) for crop in (face, blurred, dark)),
        strict=True,
    )
    assert sharpness[1] < 0.1 * sharpness[0]
    assert brightness[2] == pytest.approx(0.3 * brightness[0], rel=0.05)
    assert brightness[1] == pytest.approx(brightness[0], rel=0.05)


@pytest.mark.parametrize(("level", "share"), [(0, 0.0), (51, 0.2), (255, 1.0)])
def test_brightness_is_a_share_of_white(level: int, share: float) -> None:
    """Black is 0, white is 1, whatever the size."""
    assert picture_brightness(np.full((7, 300, 3), level, np.uint8)) == pytest.approx(share)


def test_blown_and_drowned_pixels_are_clipped() -> None:
    """Of the face's box alone; a face in even light has none."""
    pixels = np.full((200, 200, 3), 128, np.uint8)
    pixels[:, :100] = 255
    pixels[:, 190:] = 0
    assert clipped_share(pixels, (0.5, 0.1, 0.9, 0.9)) == 0
    assert clipped_share(pixels, (0.0, 0.1, 0.5, 0.9)) == pytest.approx(1, abs=0.05)
    assert clipped_share(pixels, (0.25, 0.0, 0.75, 1.0)) == pytest.approx(0.5, abs=0.05)
    assert clipped_share(pixels, (0.9, 0.0, 1.0, 1.0)) == pytest.approx(0.5, abs=0.1)


corners = st.floats(0, 1)


@given(st.tuples(corners, corners, corners, corners))
def test_any_box_has_a_clipped_share(box: tuple[float, float, float, float]) -> None:
    """However narrow, also at the border."""
    x0, x1 = sorted(box[::2])
    y0, y1 = sorted(box[1::2])
    assert clipped_share(np.zeros((9, 13, 3), np.uint8), (x0, y0, x1, y1)) == 1


@given(st.floats(-2, 2), st.floats(-2, 2), st.floats(0.1, 2))
def test_inside_is_the_part_of_the_box_in_the_frame(x: float, y: float, side: float) -> None:
    """All, none, or what is left of it."""
    [share] = inside_share(np.array([[x, y, x + side, y + side]], np.float32))
    wide = max(min(x + side, 1) - max(x, 0), 0)
    high = max(min(y + side, 1) - max(y, 0), 0)
    assert share == pytest.approx(wide * high / side**2, abs=1e-4)
