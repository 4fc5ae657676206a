"""One frame seen from its person's usual pose."""

import math
from dataclasses import replace

import pytest

from inference.attention.baseline import Baseline, Direction
from inference.attention.lids import LidPosition
from inference.attention.view import view
from tests.inference.attention.sitter import face, nobody

LEARNED = Baseline(
    head=Direction(math.radians(10), math.radians(-12)),
    eyes=Direction(0.0, math.radians(6)),
    seconds=60,
    eye_seconds=60,
    frames=120,
)


def test_usual_pose_is_the_middle_of_the_screen() -> None:
    """What is usual for a person is on the screen, wherever the camera stands."""
    seen = view(face(head_yaw_deg=10, head_pitch_deg=-12, gaze_pitch_deg=-6), LEARNED, None)
    assert seen.look_off is not None
    assert seen.look_off.degrees() == pytest.approx((0, 0), abs=1e-6)
    assert seen.regions is not None
    assert seen.regions.on > 0.9


def test_gaze_is_used_before_the_head() -> None:
    """A still head with eyes to the side looks to the side."""
    seen = view(face(head_yaw_deg=10, gaze_yaw_deg=45), LEARNED, None)
    assert seen.regions is not None
    assert seen.regions.away > 0.8


def test_head_stands_in_for_eyes_that_cannot_be_read() -> None:
    """Small faces are judged by the head, with less certainty."""
    blind = replace(face(head_yaw_deg=45), gaze_yaw_rad=None, gaze_pitch_rad=None)
    seen = view(blind, LEARNED, None)
    assert seen.look_off == seen.head_off
    assert seen.regions is not None
    assert seen.regions.away > 0.8


def test_far_turned_head_overrules_its_irises() -> None:
    """Beyond 40 degrees the irises are guesses."""
    seen = view(face(head_yaw_deg=55, gaze_yaw_deg=10), LEARNED, None)
    assert seen.look_off == seen.head_off


def test_gaze_through_closed_lids_means_nothing() -> None:
    """Closed eyes give evidence of lids alone."""
    seen = view(face(gaze_yaw_deg=60, eye_aspect_ratio=0.05), LEARNED, None)
    assert seen.evidence is not None
    assert seen.evidence.lids is LidPosition.CLOSED
    assert seen.evidence.gaze is None


def test_lids_that_close_after_a_look_down_are_lowered() -> None:
    """The last clear gaze tells where the eyes behind the lids look."""
    down = Direction(0.0, math.radians(-20))
    shut = face(head_yaw_deg=10, head_pitch_deg=-12, eye_aspect_ratio=0.05)
    seen = view(shut, LEARNED, down)
    assert seen.lids is not None
    assert seen.lids.position is LidPosition.LOWERED
    assert seen.look_off == down


def test_nothing_measured_is_nothing_said() -> None:
    """No face gives neither direction nor lids; a face too small gives presence alone."""
    gone = view(nobody(), LEARNED, None)
    assert (gone.head_off, gone.regions, gone.lids) == (None, None, None)
    tiny = replace(face(), head_yaw_rad=None, gaze_yaw_rad=None, eye_aspect_ratio=None)
    seen = view(tiny, LEARNED, None)
    assert seen.evidence is not None
    assert seen.evidence.has_face
    assert (seen.evidence.gaze, seen.evidence.lids) == (None, None)
