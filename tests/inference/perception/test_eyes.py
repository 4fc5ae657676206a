"""How far are the eyes open?"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.perception import points
from inference.perception.eyes import eye_aspect_ratios, eye_distances, eye_weights
from tests.inference.perception.puppet import F32


def face(right_opening: float, left_opening: float) -> F32:
    """A face whose eyes are 20 pixels wide and so high."""
    landmarks = np.zeros((478, 3), np.float32)
    for outer, inner, lids, x, opening in (
        (points.RIGHT_OUTER, points.RIGHT_INNER, points.RIGHT_LIDS, 100, right_opening),
        (points.LEFT_OUTER, points.LEFT_INNER, points.LEFT_LIDS, 200, left_opening),
    ):
        landmarks[outer], landmarks[inner] = (x - 10, 100, 0), (x + 10, 100, 0)
        for upper, lower in lids:
            landmarks[upper], landmarks[lower] = (
                (x, 100 - opening / 2, 0),
                (x, 100 + opening / 2, 0),
            )
    return landmarks


@given(st.floats(0, 12), st.floats(0, 12))
def test_ratio_is_height_over_width(right: float, left: float) -> None:
    """Right and left are the subject's, and do not mix."""
    [ratios] = eye_aspect_ratios(face(right, left)[None])
    assert ratios == pytest.approx([right / 20, left / 20], abs=1e-5)


def test_far_eye_is_not_read() -> None:
    """A head turned to the image left (positive) shows its left eye."""
    weights = eye_weights(np.radians([0.0, 24.0, 26.0, -26.0]))
    assert weights.tolist() == [[0.5, 0.5], [0.5, 0.5], [0, 1], [1, 0]]


def test_distance_of_the_eyes_counts_their_depth() -> None:
    """A turned head has no smaller eyes."""
    landmarks = face(5, 5)
    flat = eye_distances(landmarks[None])[0]
    landmarks[:, 0] *= np.cos(1.0)
    landmarks[points.LEFT_OUTER, 2] -= (200 - 10 - 90) * np.sin(1.0)
    assert eye_distances(landmarks[None])[0] == pytest.approx(flat, rel=1e-5)
