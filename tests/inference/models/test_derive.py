"""The reference face."""

import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapt.errors import Misconfigured

from inference.models.assignment import F64
from inference.models.derive import MOUTH_IN_FRONT_RAD, find_partners, fitted, symmetric_face
from inference.models.folder import ModelFolder, ReferenceFace

PARTNERS_SHA256 = "2313ecdb19d067c2f3f1594cce0e00b23d9ae6c6f07c056d5d99f40da1c051c6"
"""Of the partner table as int32: equal to the one of the published canonical face, 468 of 468."""

RIGHT_OF_LEFT = {33: 263, 133: 362, 61: 291, 159: 386, 145: 374, 234: 454, 70: 300}
MIDDLE = (1, 4, 10, 152, 168, 0, 17)


@pytest.fixture(scope="module")
def face(models: ModelFolder) -> ReferenceFace:
    """Return the built reference face."""
    return models.reference_face()


def test_the_built_face_is_symmetric(face: ReferenceFace) -> None:
    """Each point is the mirror image of its partner."""
    np.testing.assert_allclose(face.points[face.partners] * [-1, 1, 1], face.points, atol=1e-6)
    np.testing.assert_array_equal(face.partners[face.partners], np.arange(468))


def test_known_points_have_their_known_partners(face: ReferenceFace) -> None:
    """Corners of eyes and mouth change sides; nose, chin and brow stay."""
    for right, left in RIGHT_OF_LEFT.items():
        assert face.partners[right] == left
    for middle in MIDDLE:
        assert face.partners[middle] == middle


def test_every_partner_is_the_published_one(face: ReferenceFace) -> None:
    """The whole table, as one hash."""
    table = face.partners.astype("<i4").tobytes()
    assert hashlib.sha256(table).hexdigest() == PARTNERS_SHA256


def test_the_built_face_stands_as_promised(face: ReferenceFace) -> None:
    """One unit wide, nose towards the viewer, brow up, mouth 9 degrees in front of the eyes."""
    points = face.points
    assert np.ptp(points[:, 0]) == pytest.approx(1, abs=1e-6)
    assert points[1, 2] == points[:, 2].max() or points[4, 2] == points[:, 2].max()
    assert points[10, 1] > points[1, 1] > points[152, 1]
    assert points[263, 0] > 0 > points[33, 0]
    down = points[[61, 291]].mean(axis=0) - points[[33, 263]].mean(axis=0)
    assert np.arctan2(down[2], -down[1]) == pytest.approx(MOUTH_IN_FRONT_RAD, abs=1e-4)


def test_the_arrays_are_what_a_head_pose_needs(face: ReferenceFace) -> None:
    """float32 points and weights, all weights one."""
    assert face.points.dtype == face.weights.dtype == np.float32
    assert face.points.shape == (468, 3)
    np.testing.assert_array_equal(face.weights, np.ones(468))


@given(st.integers(0, 2**32 - 1), st.floats(0.1, 10))
def test_a_moved_face_is_fitted_back(seed: int, scale: float) -> None:
    """Any turn, size and place is undone exactly, and never by mirroring."""
    random = np.random.default_rng(seed)
    points: F64 = random.normal(size=(9, 3))
    turn, _ = np.linalg.qr(random.normal(size=(3, 3)))
    turn *= np.sign(np.linalg.det(turn))
    moved = scale * points @ turn.T + random.normal(size=3)
    np.testing.assert_allclose(fitted(moved, points), points, atol=1e-9)


def test_turned_portraits_of_one_face_give_that_face() -> None:
    """Two views of a symmetric face, each from its own side, are the face again."""
    random = np.random.default_rng(4)
    half = random.uniform(0.1, 1, (200, 3))
    partners = np.concatenate([np.arange(200, 400), np.arange(200), np.arange(400, 600)])
    face = np.concatenate([half, half * [-1, 1, 1], random.normal(size=(200, 3)) * [0, 1, 1]])
    views = []
    for angle in (0.3, -0.2):
        cosine, sine = np.cos(angle), np.sin(angle)
        views.append(face @ np.array([[cosine, 0, sine], [0, 1, 0], [-sine, 0, cosine]]).T)
    found = symmetric_face(views, partners)
    np.testing.assert_allclose(fitted(face, found), found, atol=1e-6)


def test_points_that_do_not_mirror_are_refused() -> None:
    """Three points whose cheapest pairing goes round in a circle are no face."""
    circle = np.array([[9.0, 0, 9], [9, 9, 0], [0, 9, 9]])
    symmetric = find_partners(np.array([[5.0, 0, 5], [0, 5, 5], [5, 5, 0]]))
    np.testing.assert_array_equal(symmetric, [1, 0, 2])
    with pytest.raises(Misconfigured, match="do not mirror"):
        find_partners(circle)
