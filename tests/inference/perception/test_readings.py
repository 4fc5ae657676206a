"""What the landmarks alone say of a batch of faces."""

from collections.abc import Callable

import numpy as np
import pytest

from inference.models.folder import ModelFolder
from inference.perception.decode import CHANNELS, Picture
from inference.perception.pose import Reference
from inference.perception.quality import MIN_EYES_PX, MIN_GAZE_PX, MIN_HEAD_PX
from inference.perception.readings import Readings, read_landmarks
from tests.inference.perception.puppet import F32, Puppet, rotation

Reader = Callable[..., Readings]


@pytest.fixture
def read(folder: ModelFolder) -> Reader:
    """Read faces in pictures of 320 by 240 that were sent so many times larger."""
    face = folder.reference_face()
    reference = Reference(face.points, face.weights)

    def read_all(faces: list[F32], scale: float = 1.0) -> Readings:
        pixels = np.zeros((240, 320, CHANNELS), np.uint8)
        picture = Picture(pixels, round(320 * scale), round(240 * scale))
        return read_landmarks([picture] * len(faces), np.stack(faces), reference)

    return read_all


def sized(puppet: Puppet, eyes_px: float, yaw_deg: float = 0.0) -> F32:
    """The puppet's face in the middle of the picture, its eyes so far apart."""
    face = puppet.landmarks - puppet.landmarks.mean(axis=0)
    flip = np.array([1, -1, -1])
    face = face * flip @ rotation(yaw_deg, 0, 0).T * flip
    wide = np.linalg.norm(face[263] - face[33])
    return np.asarray(face * (eyes_px / wide) + [160, 120, 0], np.float32)


def test_limits_are_those_of_the_pixels_there_are(read: Reader, puppets: dict[str, Puppet]) -> None:
    """What was decoded decides, not what was sent."""
    sizes = [MIN_HEAD_PX - 1, MIN_HEAD_PX + 1, MIN_EYES_PX + 1, MIN_GAZE_PX + 1]
    readings = read([sized(puppets["astronaut"], px) for px in sizes], 4.0)
    assert readings.has_head.tolist() == [False, True, True, True]
    assert readings.has_eyes.tolist() == [False, False, True, True]
    assert readings.has_gaze.tolist() == [False, False, False, True]
    assert readings.sent_px == pytest.approx(4 * np.array(sizes), rel=1e-4)


def test_a_head_that_is_turned_away_has_no_gaze(read: Reader, puppets: dict[str, Puppet]) -> None:
    """Beyond forty degrees; to either side, whatever its size."""
    yaws = (-60.0, -20.0, 0.0, 20.0, 60.0)
    readings = read([sized(puppets["astronaut"], 100, yaw) for yaw in yaws])
    assert readings.has_gaze.tolist() == [False, True, True, True, False]


def test_boxes_are_cut_at_the_frame(read: Reader, puppets: dict[str, Puppet]) -> None:
    """A face that leaves the frame keeps the part inside."""
    face = sized(puppets["astronaut"], 60) - np.array([160, 0, 0], np.float32)
    x0, y0, x1, y1 = read([face]).boxes_inside()[0]
    assert x0 == 0
    assert 0 < x1 < 0.5
    assert 0 < y0 < y1 < 1


def test_a_batch_is_as_good_as_one(read: Reader, puppets: dict[str, Puppet]) -> None:
    """Neighbours change nothing."""
    faces = [sized(p, px, yaw) for p in puppets.values() for px, yaw in ((20, 0), (70, 30))]
    together = read(faces)
    for row, face in enumerate(faces):
        alone = read([face])
        assert together.poses.yaw_rad[row] == pytest.approx(alone.poses.yaw_rad[0], abs=1e-9)
        assert together.eye_aspect_ratio[row] == pytest.approx(alone.eye_aspect_ratio[0])
        assert together.boxes_inside()[row] == pytest.approx(alone.boxes_inside()[0])
