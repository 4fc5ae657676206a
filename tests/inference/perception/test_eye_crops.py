"""Both eyes of each face, cut out level."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.perception import points
from inference.perception.decode import CHANNELS, Picture
from inference.perception.eye_crops import cut_eyes, eye_regions, to_planes
from tests.inference.perception.puppet import F32, U8

MIDDLE = np.array([100.0, 80.0])


def landmarks(roll: float) -> F32:
    """Eyes 20 pixels wide around (60, 80) and (140, 80), turned clockwise about their middle."""
    face = np.zeros((478, 3), np.float32)
    for outer, inner, x in (
        (points.RIGHT_OUTER, points.RIGHT_INNER, -40),
        (points.LEFT_OUTER, points.LEFT_INNER, 40),
    ):
        out = -10 if x < 0 else 10
        face[outer, 0], face[inner, 0] = x + out, x - out
    turn = np.array([[np.cos(roll), -np.sin(roll)], [np.sin(roll), np.cos(roll)]], np.float32)
    face[:, :2] = face[:, :2] @ turn.T + MIDDLE
    return face


@given(st.floats(-0.6, 0.6), st.floats(1.0, 2.5))
def test_squares_are_around_the_eyes_and_turn_with_the_head(roll: float, widths: float) -> None:
    """Centre, side and angle are those of each eye, the subject's right one first."""
    [[right, left]] = eye_regions(landmarks(roll)[None], np.array([roll]), widths)
    ahead = np.array([np.cos(roll), np.sin(roll)]) * 40
    for region, centre in ((right, MIDDLE - ahead), (left, MIDDLE + ahead)):
        assert region == pytest.approx([*centre, 20 * widths, roll], abs=1e-3)


@pytest.mark.parametrize("roll", [-0.5, 0.0, 0.5])
def test_eyes_of_a_tilted_head_are_cut_level(roll: float) -> None:
    """A bar from corner to corner lies flat in the crop, and colours become blue, green, red."""
    face = landmarks(roll)
    picture = np.zeros((160, 200, 3), np.uint8)
    for outer, inner in ((33, 133), (263, 362)):
        ends = np.linspace(face[outer, :2], face[inner, :2], 200)
        for x, y in np.rint(ends).astype(int):
            picture[y, x] = (250, 100, 10)
    regions = eye_regions(face[None], np.array([roll]), 1.6)
    eyes = cut_eyes([Picture.of(picture).pixels], regions, 32)
    assert eyes.shape == (1, 2, 32, 32, 3)
    for eye in to_planes(eyes[0]):
        rows = eye[2].sum(axis=1)
        assert rows[14:19].sum() > 0.9 * rows.sum()
        assert eye[2].max() > eye[1].max() > eye[0].max() > 0


def test_each_face_is_cut_from_its_own_picture() -> None:
    """Pictures and faces stay together."""
    pictures: list[U8] = [np.full((160, 200, CHANNELS), value, np.uint8) for value in (10, 200)]
    regions = eye_regions(np.stack([landmarks(0.0)] * 2), np.zeros(2), 1.8)
    eyes = cut_eyes(pictures, regions, 60)
    assert eyes[0].min() == eyes[0].max() == 10
    assert eyes[1].min() == eyes[1].max() == 200
