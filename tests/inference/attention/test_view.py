"""One frame seen from its person's usual pose."""

import math
from dataclasses import replace

import pytest

from inference.attention.calibration import MOVED_WIDENS, Calibration
from inference.attention.direction import Direction
from inference.attention.lids import LidPosition
from inference.attention.person import Person
from inference.attention.view import HEAD_SIGMA_DEG, view
from tests.inference.attention.dots import calibrated
from tests.inference.attention.sitter import face, known_person, nobody

LEARNED = known_person(10, -12, eyes_up_deg=6)


def test_usual_pose_is_the_middle_of_the_screen() -> None:
    """What is usual for a person is on the screen, wherever the camera stands."""
    seen = view(face(head_yaw_deg=10, head_pitch_deg=-12, gaze_pitch_deg=-6), LEARNED)
    assert seen.look_off is not None
    assert seen.look_off.apart(Direction(0, 0)) < 1.5
    assert seen.regions is not None
    assert seen.regions.on > 0.9


def test_gaze_moves_the_look_by_as_much_as_it_is_certain() -> None:
    """A still head with eyes to the side looks to the side; a sure gaze is believed more."""
    coarse = view(face(head_yaw_deg=10, head_pitch_deg=-12, gaze_yaw_deg=50), LEARNED)
    fine = view(replace(coarse.measured, gaze_sigma_rad=math.radians(5)), LEARNED)
    assert coarse.head_off is not None
    assert abs(coarse.head_off.yaw_deg) < 1
    for seen, least_deg in ((coarse, 22), (fine, 34)):
        assert seen.look_off is not None
        assert least_deg < seen.look_off.yaw_deg < 41
        assert seen.regions is not None
        assert seen.regions.away > (0.95 if seen is fine else 0.6)
    assert fine.sigma_deg < coarse.sigma_deg < HEAD_SIGMA_DEG


def test_head_stands_in_for_eyes_that_cannot_be_read() -> None:
    """Small faces are judged by the head, with less certainty."""
    blind = replace(face(head_yaw_deg=45), gaze_yaw_rad=None, gaze_pitch_rad=None)
    seen = view(blind, LEARNED)
    assert seen.look_off == seen.head_off
    assert seen.regions is not None
    assert seen.regions.away > 0.8
    assert seen.sigma_deg > HEAD_SIGMA_DEG


def test_far_turned_head_overrules_its_irises() -> None:
    """Beyond 40 degrees the irises are guesses."""
    seen = view(face(head_yaw_deg=55, gaze_yaw_deg=10), LEARNED)
    assert seen.look_off == seen.head_off


def test_gaze_through_closed_lids_means_nothing() -> None:
    """Closed eyes give evidence of lids alone."""
    seen = view(face(gaze_yaw_deg=60, eye_aspect_ratio=0.05), LEARNED)
    assert seen.evidence is not None
    assert seen.evidence.lids is LidPosition.CLOSED
    assert seen.evidence.gaze is None


def test_lids_that_close_after_a_look_down_are_lowered() -> None:
    """The last clear gaze tells where the eyes behind the lids look."""
    down = Direction(0.0, -20.0)
    shut = face(head_yaw_deg=10, head_pitch_deg=-12, eye_aspect_ratio=0.05)
    seen = view(shut, LEARNED, down)
    assert seen.lids is not None
    assert seen.lids.position is LidPosition.LOWERED
    assert seen.look_off == down


def test_nothing_measured_is_nothing_said() -> None:
    """No face gives neither direction nor lids; a face too small gives presence alone."""
    gone = view(nobody(), LEARNED)
    assert (gone.head_off, gone.regions, gone.lids) == (None, None, None)
    tiny = replace(face(), head_yaw_rad=None, gaze_yaw_rad=None, eye_aspect_ratio=None)
    seen = view(tiny, LEARNED)
    assert seen.evidence is not None
    assert seen.evidence.has_face
    assert (seen.evidence.gaze, seen.evidence.lids) == (None, None)


def test_lids_that_were_closed_before_are_closed() -> None:
    """A sleeper whose head sinks does not begin to read."""
    shut = face(head_yaw_deg=10, head_pitch_deg=-40, eye_aspect_ratio=0.05)
    sinking = view(shut, LEARNED, None, were_closed=True)
    assert sinking.lids is not None
    assert sinking.lids.position is LidPosition.CLOSED


def test_gaze_through_lids_that_the_network_closes_means_nothing() -> None:
    """Half-open lids are open, until a network is sure that they are not."""
    half = face(eye_aspect_ratio=0.18)
    alone, asked = (
        view(replace(half, eyes_closed_probability=said), LEARNED) for said in (None, 0.95)
    )
    assert not alone.has_closed_lids
    assert asked.has_closed_lids
    assert asked.evidence is not None
    assert asked.evidence.gaze is None


def test_shown_corners_take_the_place_of_the_usual_screen() -> None:
    """After the dots a gaze counts from the screen that was shown, wider once the head moved."""
    calibration = calibrated()
    assert isinstance(calibration, Calibration)
    person = Person(LEARNED.baseline, LEARNED.opening, calibration)
    at = calibration.centre
    shown = face(
        head_yaw_deg=0, head_pitch_deg=-5, gaze_yaw_deg=at.yaw_deg, gaze_pitch_deg=at.pitch_deg
    )
    seen = view(shown, person)
    assert seen.screen is calibration.screen
    assert seen.look_off is not None
    assert seen.look_off.apart(Direction(0, 0)) < 1e-6
    assert seen.regions is not None
    assert seen.regions.on > 0.99
    nearer = view(replace(shown, eye_distance_px=120.0), person)
    assert nearer.sigma_deg == pytest.approx(MOVED_WIDENS * seen.sigma_deg)


def test_small_pictures_make_the_gaze_less_certain() -> None:
    """Pixels add to what the source gets wrong, and no habit takes that away."""
    here = view(face(), LEARNED)
    small = view(replace(face(), eye_distance_px=30.0), LEARNED)
    assert small.sigma_deg > here.sigma_deg
