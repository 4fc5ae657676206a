"""Cutting a face out of a picture."""

import numpy as np

from demo.puppet.mesh import FACE_POINTS
from demo.puppet.portrait import FACE_WIDTH_PX, Portrait, make_portrait


def test_the_face_gets_the_width_that_frames_need(portraits: list[Portrait]) -> None:
    """Whatever the picture, the texture has the same scale."""
    for portrait in portraits:
        assert abs(np.ptp(portrait.points[:FACE_POINTS, 0]) - FACE_WIDTH_PX) < 3


def test_landmarks_stay_on_the_same_pixels(portraits: list[Portrait]) -> None:
    """Making a portrait of a portrait moves no landmark against the picture."""
    first = portraits[0]
    again = make_portrait("again", first.texture, first.points)
    for index in (1, 33, 263, 468):
        x, y = first.points[index, :2].round().astype(int)
        u, v = again.points[index, :2].round().astype(int)
        patch = first.texture[y - 3 : y + 4, x - 3 : x + 4].astype(int)
        other = again.texture[v - 3 : v + 4, u - 3 : u + 4].astype(int)
        assert np.abs(patch.mean(axis=(0, 1)) - other.mean(axis=(0, 1))).max() < 8
