"""How well can this picture be read?"""

import cv2
import numpy as np
import pytest

from inference.perception.quality import picture_brightness, sharpness_and_brightness
from tests.inference.perception.puppet import U8


def test_blur_lowers_sharpness_and_light_raises_brightness(portraits: dict[str, U8]) -> None:
    """Each measure moves with its cause and leaves the other nearly alone."""
    face = cv2.resize(portraits["grace_hopper"][130:340, 180:360], (192, 192))
    blurred = cv2.GaussianBlur(face, (0, 0), 3)
    dark = cv2.convertScaleAbs(face, alpha=0.3)
    sharpness, brightness = sharpness_and_brightness(np.stack([face, blurred, dark]).astype("u1"))
    assert sharpness[1] < 0.1 * sharpness[0]
    assert brightness[2] == pytest.approx(0.3 * brightness[0], rel=0.05)
    assert brightness[1] == pytest.approx(brightness[0], rel=0.05)


@pytest.mark.parametrize(("level", "share"), [(0, 0.0), (51, 0.2), (255, 1.0)])
def test_brightness_is_a_share_of_white(level: int, share: float) -> None:
    """Black is 0, white is 1, whatever the size."""
    assert picture_brightness(np.full((7, 300, 3), level, np.uint8)) == pytest.approx(share)
