"""Which of the 478 points of a face are which."""

import numpy as np
import pytest

from inference.models.folder import ModelFolder
from inference.perception import points


def test_eyes_lie_on_their_own_side(folder: ModelFolder) -> None:
    """Seen from the front, the subject's right eye is at the image left."""
    face = folder.reference_face().points
    assert face[points.RIGHT_EYE, 0].max() < 0 < face[points.LEFT_EYE, 0].min()
    assert abs(face[points.LIPS, 0].mean()) < 0.02


@pytest.mark.parametrize(
    ("outer", "inner", "lids", "eye"),
    [
        (points.RIGHT_OUTER, points.RIGHT_INNER, points.RIGHT_LIDS, points.RIGHT_EYE),
        (points.LEFT_OUTER, points.LEFT_INNER, points.LEFT_LIDS, points.LEFT_EYE),
    ],
)
def test_corners_and_lids_frame_the_opening(
    outer: int,
    inner: int,
    lids: tuple[tuple[int, int], ...],
    eye: points.I64,
    folder: ModelFolder,
) -> None:
    """Outer corners are further out, upper lids above lower ones, all within the contour."""
    face = folder.reference_face().points
    contour = set(eye[: points.EYE_CONTOUR_POINTS].tolist())
    assert abs(face[outer, 0]) > abs(face[inner, 0])
    for upper, lower in lids:
        assert face[upper, 1] > face[lower, 1]
    assert {outer, inner, *np.array(lids).ravel().tolist()} <= contour
