"""What a batch of followed faces says."""

import numpy as np
import pytest

from inference.models.folder import ModelFolder
from inference.perception.crop import regions_from_landmarks
from inference.perception.decode import CHANNELS, Picture
from inference.perception.look import Face
from inference.perception.measure import Measurer, no_face
from inference.perception.mesh import FaceMesh
from inference.perception.observation import GazeSource
from inference.perception.pose import Reference
from inference.perception.quality import MIN_EYES_PX, MIN_GAZE_PX, MIN_HEAD_PX
from inference.perception.track import Followed
from tests.inference.perception.puppet import Puppet


@pytest.fixture
def reference(folder: ModelFolder) -> Reference:
    """The built reference face."""
    face = folder.reference_face()
    return Reference(face.points, face.weights)


def followed(puppet: Puppet, share: float, eyes_px: float) -> tuple[Picture, Followed]:
    """A face whose eyes are so far apart in decoded pixels, sent `share` times larger."""
    right, left = puppet.landmarks[[33, 263]]
    landmarks = puppet.landmarks * np.float32(eyes_px / np.linalg.norm(left - right))
    [region] = regions_from_landmarks(landmarks[None])
    pixels = np.full((240, 320, CHANNELS), 128, np.uint8)
    picture = Picture(pixels, round(320 * share), round(240 * share))
    mesh = FaceMesh(landmarks.astype(np.float32), 0.99, np.full((192, 192, CHANNELS), 128, "u1"))
    return picture, Followed(mesh, region, faces=2)


@pytest.mark.parametrize(
    ("eyes_px", "measured"),
    [
        pytest.param(MIN_GAZE_PX + 1, {"head", "eye", "gaze"}, id="near"),
        pytest.param(MIN_GAZE_PX - 1, {"head", "eye"}, id="too far for gaze"),
        pytest.param(MIN_EYES_PX - 1, {"head"}, id="too far for lids"),
        pytest.param(MIN_HEAD_PX - 1, set(), id="too far for all"),
    ],
)
def test_each_measure_needs_its_size(
    eyes_px: float, measured: set[str], puppets: dict[str, Puppet], reference: Reference
) -> None:
    """Below its limit a value is absent, never guessed; presence is always said."""
    picture, face = followed(puppets["astronaut"], 1.0, eyes_px)
    [observation] = Measurer(reference).measure([Face(picture, face)])
    values = {
        "head": (observation.head_yaw_rad, observation.head_pitch_rad, observation.head_roll_rad),
        "eye": (observation.eye_aspect_ratio,),
        "gaze": (
            observation.gaze_yaw_rad,
            observation.gaze_pitch_rad,
            observation.gaze_sigma_rad,
        ),
    }
    for name, found in values.items():
        assert [value is not None for value in found] == [name in measured] * len(found)
    assert observation.has_face
    assert observation.faces == 2


def test_sizes_are_those_of_the_sent_frame(
    puppets: dict[str, Puppet], reference: Reference
) -> None:
    """Decoding at a quarter changes what is readable, not how large the face was."""
    picture, face = followed(puppets["grace_hopper"], 4.0, 40)
    [observation] = Measurer(reference).measure([Face(picture, face)])
    assert observation.eye_distance_px == pytest.approx(160, rel=1e-3)
    assert observation.gaze_yaw_rad is None


def test_nobody_has_only_brightness() -> None:
    """Without a face everything but the light is absent."""
    pixels = np.full((240, 320, 3), 51, np.uint8)
    observation = no_face(Picture.of(pixels))
    assert observation.brightness == pytest.approx(0.2)
    assert not observation.has_face
    assert (observation.head_yaw_rad, observation.eye_distance_px) == (None, None)


def test_quality_says_what_is_wrong(puppets: dict[str, Puppet], reference: Reference) -> None:
    """Light that is gone, and a face that leaves the frame."""
    picture, face = followed(puppets["astronaut"], 1.0, 60)
    picture.pixels[:] = 255
    [blown] = Measurer(reference).measure([Face(picture, face)])
    assert blown.clipped == 1
    assert blown.inside is not None
    assert 0 < blown.inside <= 1


def test_irises_say_that_they_are_the_source(
    puppets: dict[str, Puppet], reference: Reference
) -> None:
    """Without the network gaze is coarse and says so; movements are not read unasked."""
    picture, face = followed(puppets["astronaut"], 1.0, 60)
    [seen] = Measurer(reference).measure([Face(picture, face)])
    assert seen.gaze_source is GazeSource.IRISES
    assert seen.gaze_sigma_rad is not None
    assert seen.gaze_sigma_rad > np.radians(12)
    assert (seen.eyes_closed_probability, seen.movements) == (None, None)


def test_nothing_is_measured_of_nobody(reference: Reference) -> None:
    """No faces, no observations, no runs."""
    measurer = Measurer(reference)
    assert measurer.measure([]) == []
    assert measurer.stages() == ()
