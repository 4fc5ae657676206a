"""A drawn face is found at the pose it was drawn at."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo.puppet.portrait import Portrait
from demo.puppet.poses import Pose, draw
from demo.puppet.render import GREY, View, render, rotation
from inference.perception.pipeline import Pipeline
from tests.demo.puppet.looking import seen_in

angles = st.floats(-1.2, 1.2)


@given(angles, angles)
def test_the_rotation_turns_the_face_to_the_angles(yaw_rad: float, pitch_rad: float) -> None:
    """The direction of a face is that of the contract: yaw to the image left, pitch up."""
    x, y, z = rotation(View(yaw_rad=yaw_rad, pitch_rad=pitch_rad)) @ np.array([0, 0, -1.0])
    assert math.isclose(math.atan2(-x, -z), yaw_rad, abs_tol=1e-5)
    assert math.isclose(math.asin(np.clip(-y, -1, 1)), pitch_rad, abs_tol=1e-3)


@given(angles)
def test_roll_turns_the_eyes_clockwise(roll_rad: float) -> None:
    """The line between the eyes falls to the image right."""
    x, y, _ = rotation(View(roll_rad=roll_rad)) @ np.array([1.0, 0, 0])
    assert math.isclose(math.atan2(y, x), roll_rad, abs_tol=1e-5)


@pytest.mark.parametrize("sitter", [0, 1])
def test_yaw_is_measured_with_its_sign_and_rises_with_it(
    pipeline: Pipeline, portraits: list[Portrait], sitter: int
) -> None:
    """From right to left, each drawn yaw is measured larger than the one before."""
    drawn_deg = (-40, -25, -10, 0, 10, 25, 40)
    measured = [
        seen_in(pipeline, draw(portraits[sitter], Pose(yaw_deg=yaw))).head_yaw_rad
        for yaw in drawn_deg
    ]
    values = [value for value in measured if value is not None]
    assert len(values) == len(drawn_deg)
    assert values == sorted(values)
    assert values[0] < 0 < values[-1]
    slope = (values[-1] - values[0]) / math.radians(80)
    assert 0.7 < slope < 1.3


@pytest.mark.parametrize("sitter", [0, 1])
def test_pitch_rises_with_what_was_drawn(
    pipeline: Pipeline, portraits: list[Portrait], sitter: int
) -> None:
    """Down is negative, up positive, in order."""
    measured = [
        seen_in(pipeline, draw(portraits[sitter], Pose(pitch_deg=pitch))).head_pitch_rad
        for pitch in (-28, -12, 0, 12, 25)
    ]
    values = [value for value in measured if value is not None]
    assert len(values) == 5
    assert values == sorted(values)


def test_everything_but_the_face_is_plain_grey(portraits: list[Portrait]) -> None:
    """No photo is left behind the face, whatever its pose."""
    picture = render(portraits[0], View(yaw_rad=0.5))
    assert (picture[:, :40] == GREY).all()
    assert (picture[:, -40:] == GREY).all()
    assert (picture[110:130, 150:170] != GREY).any()


def test_the_face_has_no_holes(portraits: list[Portrait]) -> None:
    """Within the outline every pixel comes from the portrait."""
    picture = render(portraits[1], View())
    middle = picture[80:160, 130:190].astype(int)
    assert (np.abs(middle - GREY).sum(axis=2) > 0).mean() > 0.99
