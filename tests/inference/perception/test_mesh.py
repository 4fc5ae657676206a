"""478 points of each face in its region."""

import cv2
import numpy as np
import pytest

from inference.perception import points
from inference.perception.assembly import assemble
from inference.perception.crop import regions_from_landmarks
from inference.perception.decode import Picture
from inference.perception.mesh import Mesh
from inference.perception.pipeline import Pipeline
from tests.inference.perception.puppet import F32, U8, Puppet


@pytest.fixture
def mesh(pipeline: Pipeline) -> Mesh:
    """The loaded mesh."""
    return pipeline._follower._mesh


def whole(pixels: U8) -> Picture:
    """A picture that was sent as it is."""
    return Picture.of(pixels)


def eye_width(landmarks: F32) -> float:
    """Distance of the outer eye corners."""
    return float(np.linalg.norm(landmarks[33, :2] - landmarks[263, :2]))


def test_points_belong_to_both_eyes_and_the_lips() -> None:
    """Eye lists mirror each other in length and share no point with each other or the lips."""
    lists = [points.RIGHT_EYE, points.LEFT_EYE, points.LIPS]
    assert [len(ids) for ids in lists] == [71, 71, 80]
    assert len(np.unique(np.concatenate(lists))) == 222


def test_refined_points_replace_x_and_y_alone() -> None:
    """Eyes and lips come from their own outputs, depth from the mesh, irises' from the contour."""
    rng = np.random.default_rng(0)
    outputs = {
        "output_mesh_identity": rng.normal(size=(2, 1, 1, 1404)).astype(np.float32),
        "output_lips": np.full((2, 160), 1.0, np.float32),
        "output_left_eye": np.full((2, 142), 2.0, np.float32),
        "output_right_eye": np.full((2, 142), 3.0, np.float32),
        "output_left_iris": np.full((2, 10), 4.0, np.float32),
        "output_right_iris": np.full((2, 10), 5.0, np.float32),
    }
    landmarks = assemble(outputs)
    base = outputs["output_mesh_identity"].reshape(2, 468, 3)
    assert (landmarks[:, points.LIPS, :2] == 1).all()
    assert (landmarks[:, points.RIGHT_EYE, :2] == 2).all()
    assert (landmarks[:, points.LEFT_EYE, :2] == 3).all()
    assert (landmarks[:, 468:473, :2] == 4).all()
    assert (landmarks[:, 473:, :2] == 5).all()
    assert (landmarks[:, :468, 2] == base[:, :, 2]).all()
    expected = base[:, points.LEFT_EYE[:16], 2].mean(axis=1)
    assert landmarks[:, 475, 2] == pytest.approx(expected, abs=1e-5)


def test_batch_equals_single(mesh: Mesh, puppets: dict[str, Puppet]) -> None:
    """Eleven regions at once give what each gives alone."""
    puppet = puppets["grace_hopper"]
    picture = whole(puppet.portrait)
    [region] = regions_from_landmarks(puppet.landmarks[None])
    shifts = np.linspace(-8, 8, 11)
    regions = region + np.outer(shifts, [1, -1, 0, 0]).astype(np.float32)
    together = mesh.run(mesh.cut([picture] * len(regions), list(regions)))
    for row, one in enumerate(regions):
        alone = mesh.run(mesh.cut([picture], [one]))
        assert together.landmarks[row] == pytest.approx(alone.landmarks[0], abs=2e-3)
        assert together.probability[row] == pytest.approx(alone.probability[0], abs=1e-4)


@pytest.mark.parametrize("name", ["astronaut", "grace_hopper"])
def test_mirrored_face_has_its_points_mirrored(
    name: str, mesh: Mesh, puppets: dict[str, Puppet]
) -> None:
    """Points swap with their partners when the picture is mirrored."""
    puppet = puppets[name]
    [region] = regions_from_landmarks(puppet.landmarks[None])
    width = puppet.portrait.shape[1]
    flipped = whole(np.ascontiguousarray(puppet.portrait[:, ::-1]))
    mirrored = region * np.array([-1, 1, 1, -1], np.float32) + [width - 1, 0, 0, 0]
    seen = mesh.run(mesh.cut([flipped], [mirrored.astype(np.float32)])).landmarks[0]
    for right, left in ((33, 263), (133, 362), (468, 473), (159, 386), (61, 291), (4, 4)):
        expected = [width - 1 - puppet.landmarks[left, 0], puppet.landmarks[left, 1]]
        assert seen[right, :2] == pytest.approx(expected, abs=0.06 * eye_width(puppet.landmarks))


def test_scale_and_turn_of_the_picture_move_the_points_along(
    mesh: Mesh, puppets: dict[str, Puppet]
) -> None:
    """A picture turned by 30 degrees and shrunk by a half has the same face, turned and shrunk."""
    puppet = puppets["grace_hopper"]
    height, width = puppet.portrait.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -30, 0.5)
    turned = whole(np.asarray(cv2.warpAffine(puppet.portrait, matrix, (width, height)), np.uint8))
    expected = puppet.landmarks[:, :2] @ matrix[:, :2].T + matrix[:, 2]
    flat = np.concatenate([expected, puppet.landmarks[:, 2:] / 2], axis=1).astype(np.float32)
    seen = mesh.run(mesh.cut([turned], list(regions_from_landmarks(flat[None]))))
    apart = np.linalg.norm(seen.landmarks[0, :, :2] - expected, axis=1)
    assert apart.mean() < 0.03 * eye_width(flat)
    assert seen.probability[0] > 0.9


def test_a_wall_is_no_face(mesh: Mesh) -> None:
    """The mesh says itself that there is nothing."""
    wall = np.full((240, 320, 3), 128, np.uint8)
    meshes = mesh.run(mesh.cut([whole(wall)], [np.array([160, 120, 100, 0], np.float32)]))
    assert meshes.probability[0] < 0.1
