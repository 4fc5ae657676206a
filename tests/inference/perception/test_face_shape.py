"""Which movements do the landmarks alone show?"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.models.folder import ModelFolder
from inference.perception.decode import Picture
from inference.perception.face_shape import read_shape, shapes
from inference.perception.look import Look
from inference.perception.pipeline import Pipeline
from inference.perception.pose import TO_HEAD_FRAME, Reference
from tests.inference.perception.puppet import F64, U8, Puppet, rotation
from tests.inference.perception.warp import frowning, smiling

SMILE, BROWS, SQUINT = range(3)


@pytest.fixture(scope="module")
def reference(folder: ModelFolder) -> Reference:
    """The built reference face."""
    face = folder.reference_face()
    return Reference(face.points, face.weights)


turns = st.tuples(st.floats(-35, 35), st.floats(-25, 25), st.floats(-30, 30))


@given(turns, st.floats(0.2, 5))
@settings(max_examples=25)
def test_shape_is_that_of_the_face_alone(
    reference: Reference,
    puppets: dict[str, Puppet],
    turn: tuple[float, float, float],
    size: float,
) -> None:
    """Neither the turn of the head nor its size changes a distance."""
    face = puppets["astronaut"].landmarks
    straight = shapes(face[None], reference.poses(face[None]))
    centre = face.mean(axis=0)
    head = (face - centre) * TO_HEAD_FRAME @ rotation(*turn).T * TO_HEAD_FRAME
    moved = np.asarray(head * size + centre, np.float32)[None]
    assert shapes(moved, reference.poses(moved)) == pytest.approx(straight, abs=2e-3)


def movements(pipeline: Pipeline, reference: Reference, rgb: U8) -> F64:
    """Smile, brows and squint of a picture."""
    [found] = pipeline._follower.follow([Picture.of(rgb)], [Look(b"")])
    assert found is not None
    landmarks = found.mesh.landmarks[None]
    return np.asarray(read_shape(landmarks, reference.poses(landmarks))[0])


@pytest.mark.parametrize("name", ["astronaut", "grace_hopper"])
def test_pulled_corners_of_the_mouth_are_a_smile(
    name: str, pipeline: Pipeline, reference: Reference, puppets: dict[str, Puppet]
) -> None:
    """The further they are pulled the more, and the brows do not follow."""
    found = np.array(
        [
            movements(pipeline, reference, smiling(puppets[name], s))
            for s in (-0.08, -0.02, 0.04, 0.1)
        ]
    )
    assert (np.diff(found[:, SMILE]) > 0.01).all()
    assert np.ptp(found[:, SMILE]) > 0.35
    assert np.ptp(found[:, BROWS]) < 0.25


def test_pulled_brows_are_lowered_brows(
    pipeline: Pipeline, reference: Reference, puppets: dict[str, Puppet]
) -> None:
    """The further down the more; behind glasses the landmarks do not follow them."""
    found = np.array(
        [
            movements(pipeline, reference, frowning(puppets["astronaut"], s))
            for s in (-0.06, 0, 0.06, 0.12)
        ]
    )
    assert (np.diff(found[:, BROWS]) > 0.05).all()
    assert (np.diff(found[:, SQUINT]) > 0).all()
    assert np.ptp(found[:, SMILE]) < 0.25
