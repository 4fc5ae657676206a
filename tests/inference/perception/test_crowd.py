"""What does the picture of a room camera say?"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.models.folder import ModelFolder
from inference.perception.crop import regions_from_landmarks
from inference.perception.crowd import measure_crowds
from inference.perception.decode import CHANNELS, Picture
from inference.perception.look import Face, Wants
from inference.perception.mesh import FaceMesh
from inference.perception.pose import Reference
from inference.perception.quality import MIN_HEAD_PX
from inference.perception.track import Followed
from tests.inference.perception.puppet import F32, Puppet

ROOM = Wants(room=True)
sizes = st.lists(st.floats(8, 60), min_size=1, max_size=5)


@pytest.fixture(scope="module")
def reference(folder: ModelFolder) -> Reference:
    """The built reference face."""
    face = folder.reference_face()
    return Reference(face.points, face.weights)


def member(puppet: Puppet, eyes_px: float, number: int) -> Followed:
    """A face in the middle whose eyes are so far apart in decoded pixels."""
    wide = np.linalg.norm(puppet.landmarks[263] - puppet.landmarks[33])
    centred = puppet.landmarks - puppet.landmarks.mean(axis=0)
    landmarks: F32 = (centred * (eyes_px / wide) + [320, 180, 0]).astype(np.float32)
    [region] = regions_from_landmarks(landmarks[None])
    mesh = FaceMesh(landmarks, 0.9, np.full((192, 192, 4), 128, np.uint8))
    return Followed(mesh, region, number=number)


def crowd(puppet: Puppet, eyes_px: list[float]) -> Face:
    """Everyone in one picture of 640 pixels that was sent twice as wide."""
    first, *others = (member(puppet, px, 100 + index) for index, px in enumerate(eyes_px))
    everyone = Followed(first.mesh, first.region, len(eyes_px), first.number, others=tuple(others))
    return Face(Picture(np.zeros((360, 640, CHANNELS), np.uint8), 1280, 720), everyone, ROOM)


@given(st.lists(sizes, min_size=1, max_size=4))
@settings(max_examples=30)
def test_everyone_comes_back_once_in_their_own_picture(
    reference: Reference, puppets: dict[str, Puppet], rooms: list[list[float]]
) -> None:
    """Largest first, by their numbers, with a head where it is large enough."""
    faces = [crowd(puppets["astronaut"], room) for room in rooms]
    for room, seen in zip(rooms, measure_crowds(faces, reference), strict=True):
        assert seen.faces == len(seen.room) == len(room)
        found = {face.track - 100: face for face in seen.room}
        assert sorted(found) == list(range(len(room)))
        for index, eyes_px in enumerate(room):
            assert found[index].eye_distance_px == pytest.approx(2 * eyes_px, rel=1e-3)
            if abs(eyes_px - MIN_HEAD_PX) > 0.01:
                assert (found[index].head_yaw_rad is not None) == (eyes_px > MIN_HEAD_PX)
        areas = [
            (f.face_box[2] - f.face_box[0]) * (f.face_box[3] - f.face_box[1]) for f in seen.room
        ]
        assert areas == sorted(areas, reverse=True)
        assert seen.face_box == seen.room[0].face_box
        assert (seen.head_yaw_rad, seen.gaze_yaw_rad, seen.eye_aspect_ratio) == (None, None, None)


def test_a_batch_is_as_good_as_one(reference: Reference, puppets: dict[str, Puppet]) -> None:
    """Other rooms change nothing."""
    faces = [crowd(puppets[name], [25.0, 40.0]) for name in puppets]
    together = measure_crowds(faces, reference)
    for face, seen in zip(faces, together, strict=True):
        [alone] = measure_crowds([face], reference)
        assert alone.room == seen.room
