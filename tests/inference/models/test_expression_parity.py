"""Do the graphs of the face landmarker's bundle answer what the tflite interpreter answers?

Limits are twice what was measured when the converter was written.
"""

import zipfile

import numpy as np
import pytest

from inference.models.convert.converter import convert
from inference.models.folder import ModelFolder
from inference.models.manifest import Variant, read_manifest
from inference.perception.blendshapes import POINTS
from tests.inference.models.drafts import F32, Reference, run_onnx
from tests.inference.models.faces import face_crops
from tests.inference.models.test_parity import assert_parity, references

MESH_LIMITS = (2 * 2.9e-4, 2 * 2.9e-4, 1e-6)  # pixels, logit, and a probability
BLENDSHAPES_LIMIT = 3e-5
"""Rounding alone: on 34 real faces the interpreter lies 1.4e-5 from float64 arithmetic, our graph
5e-6 in a batch and 1.4e-5 alone."""

VARIANTS: tuple[Variant, ...] = ("plain", "cpu")


def member(models: ModelFolder, name: str) -> bytes:
    """Return the tflite file that a model is made of."""
    with zipfile.ZipFile(models.source("face_landmarker")) as archive:
        return archive.read(read_manifest().model(name).member)


@pytest.fixture(scope="module")
def crops(full_models: ModelFolder) -> F32:
    """Return faces as the mesh sees them."""
    return face_crops(full_models, 256)[::3]


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_second_mesh_agrees_with_the_interpreter(
    full_models: ModelFolder, crops: F32, variant: Variant
) -> None:
    """478 points, the flag of a face, and one more output that nobody reads."""
    data = member(full_models, "face_landmarks_v2")
    graph = convert(data, variant=variant)
    assert_parity(
        f"mesh v2 {variant}", graph, crops, references(Reference(data), crops), MESH_LIMITS
    )


@pytest.fixture(scope="module")
def points(full_models: ModelFolder, crops: F32) -> F32:
    """Return (N, 146, 2) points of real faces, in pixels."""
    mesh = run_onnx(full_models.graph("face_landmarks_v2").read_bytes(), crops)[0]
    return np.ascontiguousarray(mesh.reshape(len(crops), 478, 3)[:, POINTS, :2])


def test_blendshapes_agree_with_the_interpreter(full_models: ModelFolder, points: F32) -> None:
    """On the points of real faces; the batch comes back though the file squeezes it away."""
    data = member(full_models, "blendshapes")
    graph = full_models.graph("blendshapes").read_bytes()
    truth = references(Reference(data), points)
    assert_parity("blendshapes", graph, points, truth, [BLENDSHAPES_LIMIT])
    assert run_onnx(graph, points)[0].shape == (len(points), 52)


def test_company_changes_no_expression(full_models: ModelFolder, points: F32) -> None:
    """The class token is a constant of batch one and is repeated for each face."""
    graph = full_models.graph("blendshapes").read_bytes()
    batch = run_onnx(graph, points)[0]
    alone = [run_onnx(graph, points[row : row + 1])[0] for row in range(len(points))]
    np.testing.assert_allclose(batch, np.concatenate(alone), rtol=0, atol=BLENDSHAPES_LIMIT)
    assert np.ptp(batch, axis=0).max() > 0.1  # faces differ, so equal answers would show


@pytest.mark.parametrize("name", ["face_landmarks_v2", "blendshapes"])
def test_the_bundle_gives_the_pinned_bytes(full_models: ModelFolder, name: str) -> None:
    """Converting today gives what the manifest promises."""
    model = read_manifest().model(name)
    made = convert(member(full_models, name), variant=model.variant)
    assert made == (full_models.path / model.file).read_bytes()
