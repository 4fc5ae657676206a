"""Movements of a face by the networks of the face landmarker."""

import numpy as np
import pytest

from inference.models.folder import ModelFolder
from inference.perception.blendshapes import POINTS, Blendshapes
from inference.perception.decode import Picture
from inference.perception.look import Look
from inference.perception.networks import CPU_PROVIDER
from inference.perception.pipeline import Pipeline
from inference.perception.rows import Opener
from tests.inference.perception.puppet import F32, U8, Puppet
from tests.inference.perception.warp import frowning, smiling

SMILE, BROWS, SQUINT = range(3)
BLINKS = (9, 10)
"""eyeBlinkLeft, eyeBlinkRight; left and right are the subject's."""


@pytest.fixture(scope="module")
def blendshapes(full_models: ModelFolder) -> Blendshapes:
    """Both networks."""
    opened = Blendshapes.load(Opener(full_models, CPU_PROVIDER))
    assert opened is not None
    return opened


def pixels(pictures: list[U8]) -> list[U8]:
    """As they are after decoding."""
    return [Picture.of(rgb).pixels for rgb in pictures]


def landmarks(pipeline: Pipeline, pictures: list[U8]) -> F32:
    """(N, 478, 3) of the faces."""
    found = pipeline._follower.follow(
        [Picture.of(rgb) for rgb in pictures], [Look(b"")] * len(pictures)
    )
    return np.stack([face.mesh.landmarks for face in found if face is not None])


def test_points_are_all_there_once() -> None:
    """146 of 478, ascending, both irises among them."""
    assert len(POINTS) == 146
    assert (np.diff(POINTS) > 0).all()
    assert set(range(468, 478)) <= set(POINTS.tolist())


@pytest.mark.parametrize("name", ["astronaut", "grace_hopper"])
def test_pulled_corners_of_the_mouth_are_a_smile(
    name: str, blendshapes: Blendshapes, pipeline: Pipeline, puppets: dict[str, Puppet]
) -> None:
    """The further they are pulled the more, and only that moves much."""
    views = [smiling(puppets[name], share) for share in (-0.12, 0.0, 0.12)]
    found = blendshapes.movements(pixels(views), landmarks(pipeline, views))
    assert (np.diff(found[:, SMILE]) >= 0).all()
    assert np.ptp(found[:, SMILE]) > 0.5
    assert np.ptp(found[:, BROWS]) < 0.1


@pytest.mark.parametrize("name", ["astronaut", "grace_hopper"])
def test_pulled_brows_are_lowered_brows(
    name: str, blendshapes: Blendshapes, pipeline: Pipeline, puppets: dict[str, Puppet]
) -> None:
    """The further down the more, and the eyes narrow with them."""
    views = [frowning(puppets[name], share) for share in (-0.08, 0.0, 0.06, 0.12)]
    found = blendshapes.movements(pixels(views), landmarks(pipeline, views))
    assert (np.diff(found[:, [BROWS, SQUINT]], axis=0) > 0).all()


def test_left_is_the_subjects_left(
    blendshapes: Blendshapes, pipeline: Pipeline, puppets: dict[str, Puppet]
) -> None:
    """An eye painted shut at the image left is the right one."""
    puppet = puppets["astronaut"]
    open_view, shut_view = puppet.view(), puppet.view(shut=True)
    half = open_view.copy()
    middle = round(float(puppet.landmarks[168, 0]))
    half[:, :middle] = shut_view[:, :middle]
    views = [open_view, half]
    found = blendshapes.activations(pixels(views), landmarks(pipeline, views))
    left, right = (found[1, BLINKS] - found[0, BLINKS]).tolist()
    assert right > left + 0.1


def test_a_batch_is_as_good_as_one(
    blendshapes: Blendshapes, pipeline: Pipeline, puppets: dict[str, Puppet]
) -> None:
    """Neighbours change nothing."""
    views = [puppet.view(yaw_deg=yaw) for puppet in puppets.values() for yaw in (-15, 0, 15)]
    found = landmarks(pipeline, views)
    together = blendshapes.activations(pixels(views), found)
    assert together.shape == (6, 52)
    for row, view in enumerate(views):
        alone = blendshapes.activations(pixels([view]), found[row : row + 1])
        assert together[row] == pytest.approx(alone[0], abs=2e-4)
