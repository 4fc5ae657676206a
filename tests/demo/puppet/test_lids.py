"""What the puppet's eyes do is what is measured."""

import pytest

from demo.puppet.lids import EYES, with_gaze, with_lids
from demo.puppet.portrait import Portrait
from demo.puppet.poses import Pose, draw
from inference.perception.pipeline import Pipeline
from tests.demo.puppet.looking import seen_in


@pytest.mark.parametrize("sitter", [0, 1])
def test_shut_lids_are_measured_as_closed(
    pipeline: Pipeline, portraits: list[Portrait], sitter: int
) -> None:
    """The eyes' aspect falls to less than half of the open one, and below 0.12."""
    opened = seen_in(pipeline, draw(portraits[sitter], Pose())).eye_aspect_ratio
    shut = seen_in(pipeline, draw(portraits[sitter], Pose(closed=1.0))).eye_aspect_ratio
    assert opened is not None
    assert shut is not None
    assert shut < 0.12
    assert shut < opened / 2


def test_lids_meet_when_they_are_closed(portraits: list[Portrait]) -> None:
    """Upper and lower lid end on the same line."""
    shut = with_lids(portraits[0].points, 1.0)
    for _, upper, lower, *_ in EYES:
        assert abs(shut[list(upper)] - shut[list(lower)]).max() < 1e-3


def test_open_lids_change_nothing(portraits: list[Portrait]) -> None:
    """At zero the face is the portrait's."""
    assert (with_lids(portraits[0].points, 0.0) == portraits[0].points).all()


def test_gaze_follows_the_irises(pipeline: Pipeline, portraits: list[Portrait]) -> None:
    """Irises moved to the image right are measured as a gaze to the image right."""
    right, left = (
        seen_in(pipeline, draw(portraits[0], Pose(gaze_aside=aside))).gaze_yaw_rad
        for aside in (0.12, -0.12)
    )
    assert right is not None
    assert left is not None
    assert right < left


def test_only_the_eyes_move_with_the_gaze(portraits: list[Portrait]) -> None:
    """Everything outside the eye openings stays as it was."""
    portrait = portraits[0]
    moved = with_gaze(portrait, 0.1, 0.0).texture
    nose = portrait.points[4, :2].round().astype(int)
    x, y = int(nose[0]), int(nose[1])
    around = (slice(y - 10, y + 10), slice(x - 10, x + 10))
    assert (moved[around] == portrait.texture[around]).all()
    assert (moved != portrait.texture).any()
