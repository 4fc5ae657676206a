"""Where do the eyes look?"""

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.perception import points
from inference.perception.gaze import (
    EYE_RADIUS_SHARE,
    IRIS_SIGMA_RAD,
    NEUTRAL_SHIFT,
    gaze_angles,
    gaze_sigma,
)
from inference.perception.pipeline import Seen
from inference.perception.pose import TO_HEAD_FRAME, YAW_GAIN, HeadPoses
from tests.inference.perception.puppet import F32, F64, U8, Puppet, rotation

BOTH = np.array([[0.5, 0.5]])


def eyes(across: float, up: float, turn: F64) -> F32:
    """Eyes of width 20 px in a turned head, irises off their middle by shares of that width."""
    head = np.zeros((478, 3))
    for outer, inner, iris, x in (
        (points.RIGHT_OUTER, points.RIGHT_INNER, points.RIGHT_IRIS, -50),
        (points.LEFT_OUTER, points.LEFT_INNER, points.LEFT_IRIS, 50),
    ):
        head[outer], head[inner] = (x - 10, 0, 0), (x + 10, 0, 0)
        head[iris] = (x + across * 20, (up + NEUTRAL_SHIFT[1]) * 20, 0)
    return np.asarray(head @ turn.T * TO_HEAD_FRAME + [160, 120, 0], np.float32)


def poses(turn: F64) -> HeadPoses:
    """A head pose as it would be measured."""
    yaw = -YAW_GAIN * np.arctan2(turn[0, 2], turn[2, 2])
    zero = np.zeros(1)
    return HeadPoses(turn[None], np.array([yaw]), zero, zero)


@given(st.floats(-0.3, 0.3), st.floats(-0.3, 0.3))
def test_irises_turn_the_gaze(across: float, up: float) -> None:
    """An iris to the image right looks to the image right, which is negative yaw."""
    straight = rotation(0, 0, 0)
    yaw, pitch = gaze_angles(eyes(across, up, straight)[None], poses(straight), BOTH)
    assert yaw[0] == pytest.approx(-np.arcsin(across / EYE_RADIUS_SHARE), abs=1e-3)
    assert pitch[0] == pytest.approx(np.arcsin(up / EYE_RADIUS_SHARE), abs=1e-3)


@given(st.floats(-35, 35), st.floats(-25, 25), st.floats(-30, 30))
def test_straight_eyes_look_where_the_head_points(yaw: float, pitch: float, roll: float) -> None:
    """Yaw takes the head's gain, pitch does not, and roll turns nothing."""
    turn = rotation(yaw, pitch, roll)
    gaze_yaw, gaze_pitch = gaze_angles(eyes(0, 0, turn)[None], poses(turn), BOTH)
    normal = turn[:, 2]
    assert gaze_yaw[0] == pytest.approx(-YAW_GAIN * np.arctan2(normal[0], normal[2]), abs=1e-3)
    assert gaze_pitch[0] == pytest.approx(np.arcsin(normal[1]), abs=1e-3)


def test_small_faces_are_less_sure() -> None:
    """Uncertainty grows as the eyes come closer together."""
    sigma = gaze_sigma(IRIS_SIGMA_RAD, np.array([300.0, 143.0, 72.0, 45.0]))
    assert (np.diff(sigma) > 0).all()
    assert sigma[0] == pytest.approx(IRIS_SIGMA_RAD, rel=0.01)
    assert sigma[1] == pytest.approx(np.hypot(IRIS_SIGMA_RAD, np.radians(0.5)), rel=1e-3)


@pytest.mark.parametrize("name", ["astronaut", "grace_hopper"])
def test_moved_irises_of_a_real_face_turn_the_gaze(
    name: str, puppets: dict[str, Puppet], look: Callable[[U8], Seen]
) -> None:
    """Irises moved by a tenth of the eye's width turn the gaze to that side, and the head not."""
    looks = {}
    for share in (-0.1, 0.1):
        seen = look(shifted_irises(puppets[name], share)).observation
        assert seen.gaze_yaw_rad is not None
        assert seen.head_yaw_rad is not None
        looks[share] = np.degrees([seen.gaze_yaw_rad, seen.head_yaw_rad])
    gaze, head = looks[-0.1] - looks[0.1]
    assert gaze > 8
    assert abs(head) < 4


def shifted_irises(puppet: Puppet, share: float) -> U8:
    """The portrait with its irises moved to the image right by a share of the eye's width."""
    height, width = puppet.portrait.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    shift = np.zeros_like(x)
    for outer, inner, iris in (
        (points.RIGHT_OUTER, points.RIGHT_INNER, points.RIGHT_IRIS),
        (points.LEFT_OUTER, points.LEFT_INNER, points.LEFT_IRIS),
    ):
        wide = float(np.linalg.norm(puppet.landmarks[outer, :2] - puppet.landmarks[inner, :2]))
        centre = puppet.landmarks[iris, :2]
        apart = np.hypot(x - centre[0] - share * wide, y - centre[1]) / (0.32 * wide)
        shift += share * wide * np.exp(-(apart**4))
    return np.asarray(cv2.remap(puppet.portrait, x - shift, y, cv2.INTER_LINEAR), np.uint8)
