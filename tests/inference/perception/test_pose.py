"""How is the head turned?"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.models.folder import ModelFolder
from inference.perception.pose import TO_HEAD_FRAME, YAW_GAIN, Reference
from tests.inference.perception.puppet import F32, rotation

angles = st.floats(-50, 50)


def shape() -> F32:
    """A face-like cloud: wide, high, bulging towards the viewer."""
    rng = np.random.default_rng(3)
    points = rng.uniform(-1, 1, (468, 3))
    points[:, 2] = 0.5 - 0.4 * (points[:, 0] ** 2 + points[:, 1] ** 2)
    return points.astype(np.float32)


def seen(points: F32, yaw_deg: float, pitch_deg: float, roll_deg: float) -> F32:
    """The same face, turned, in pixels."""
    turned = points @ rotation(yaw_deg, pitch_deg, roll_deg).T
    return np.asarray(turned * TO_HEAD_FRAME * 80 + [160, 120, 0], np.float32)


@given(st.lists(st.tuples(angles, angles, angles), min_size=1, max_size=5))
@settings(max_examples=30, deadline=None)
def test_any_turn_is_recovered(turns: list[tuple[float, float, float]]) -> None:
    """Every head of a batch comes back with the rotation that it was given."""
    points = shape()
    reference = Reference(points, np.ones(468, np.float32))
    poses = reference.poses(np.stack([seen(points, *turn) for turn in turns]))
    for found, turn in zip(poses.rotation, turns, strict=True):
        assert found == pytest.approx(rotation(*turn), abs=1e-4)


@pytest.mark.parametrize("degrees", [-40, -10, 10, 40])
def test_each_axis_has_its_sign(degrees: float) -> None:
    """Yaw is positive to the image left, pitch up, roll clockwise; only yaw has a gain."""
    points = shape()
    reference = Reference(points, np.ones(468, np.float32))
    turns = [(degrees, 0, 0), (0, degrees, 0), (0, 0, degrees)]
    poses = reference.poses(np.stack([seen(points, *turn) for turn in turns]))
    assert np.degrees(poses.yaw_rad) == pytest.approx([YAW_GAIN * degrees, 0, 0], abs=0.01)
    assert np.degrees(poses.pitch_rad) == pytest.approx([0, degrees, 0], abs=0.01)
    assert np.degrees(poses.roll_rad) == pytest.approx([0, 0, degrees], abs=0.01)


def test_mirror_image_is_no_rotation() -> None:
    """A mirrored face is answered by the nearest proper rotation, never by a reflection."""
    points = shape()
    reference = Reference(points, np.ones(468, np.float32))
    poses = reference.poses(seen(points * np.array([-1, 1, 1], np.float32), 20, 0, 0)[None])
    assert np.linalg.det(poses.rotation) == pytest.approx([1], abs=1e-6)


def test_points_without_weight_do_not_count() -> None:
    """Noise on ignored points changes nothing."""
    points = shape()
    weights = np.zeros(468, np.float32)
    weights[:33] = 1
    view = seen(points, 20, 10, 5)
    noisy = view.copy()
    noisy[33:] += 50
    reference = Reference(points, weights)
    one, other = reference.poses(view[None]), reference.poses(noisy[None])
    assert one.rotation == pytest.approx(other.rotation, abs=1e-6)


def test_built_reference_face_looks_into_the_lens(folder: ModelFolder) -> None:
    """The reference measured against itself is not turned."""
    face = folder.reference_face()
    poses = Reference(face.points, face.weights).poses(seen(face.points, 0, 0, 0)[None])
    assert [poses.yaw_rad[0], poses.pitch_rad[0], poses.roll_rad[0]] == pytest.approx(
        [0, 0, 0], abs=1e-3
    )
