"""Do the converted graphs answer what their tflite files answer, on real faces?

The limits are twice the errors that were measured when the converter was designed, in the units
of the outputs: pixels of the network's input, or logits.
"""

import json
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest

from inference.models.convert.converter import convert
from inference.models.folder import ModelFolder
from inference.models.manifest import Variant
from tests.inference.models.attention_reference import AttentionReference
from tests.inference.models.drafts import F32, Reference, run_onnx
from tests.inference.models.faces import FACELESS, PORTRAITS, face_crops, whole_pictures
from tests.inference.models.make_golden import MESH_GOLDEN, mesh_inputs

U8 = npt.NDArray[np.uint8]

SHORT_RANGE_LIMITS = (2 * 2.1e-4, 2 * 6.4e-4)
FULL_RANGE_LIMITS = (2 * 2.4e-4, 2 * 4.3e-4)
MESH_LIMITS_PX = (2 * 1.7e-4, 2 * 1.7e-4)
ATTENTION_LIMIT_PX = 2 * 2.1e-4
GOLDEN_LIMIT_PX = 1e-3

VARIANTS: tuple[Variant, ...] = ("plain", "cpu")


def assert_parity(
    name: str, graph: bytes, inputs: F32 | U8, expected: Sequence[F32], limits: Sequence[float]
) -> None:
    """Compare a batch with what the reference said one by one; print the errors for the record."""
    batch = run_onnx(graph, inputs)
    for output, (many, true, limit) in enumerate(zip(batch, expected, limits, strict=True)):
        error = float(np.abs(many.reshape(true.shape) - true).max())
        spread = float(np.ptp(true))
        print(f"{name} output {output}: {error:.1e} of {spread:.0f}, n = {len(inputs)}")  # noqa: T201 - shown with -s
        assert error <= limit


def planes(pictures: npt.NDArray[np.generic]) -> U8:
    """Return what the attention mesh takes: (N, 3, H, W) bytes of (N, H, W, 3) in 0..255."""
    return np.ascontiguousarray(np.rint(pictures).transpose(0, 3, 1, 2).astype(np.uint8))


def references(reference: Reference | AttentionReference, inputs: F32) -> list[F32]:
    """Return each output (N, ...) of running the examples one by one."""
    rows = [reference.run(inputs[i : i + 1]) for i in range(len(inputs))]
    return [
        np.concatenate([value.reshape(1, -1) for value in column])
        for column in zip(*rows, strict=True)
    ]


@pytest.fixture(scope="module")
def crops(models: ModelFolder) -> F32:
    """Return faces as the meshes see them."""
    return face_crops(models, 192)


@pytest.fixture(scope="module")
def attention_truth(models: ModelFolder, crops: F32) -> list[F32]:
    """Return what the attention mesh should answer for the crops."""
    data = models.source("face_landmark_with_attention").read_bytes()
    return references(AttentionReference(data), crops)


def test_the_detector_agrees_with_the_interpreter(models: ModelFolder) -> None:
    """On portraits and on pictures without a face."""
    pictures = whole_pictures(models, 128)
    data = models.source("face_detection_short_range").read_bytes()
    truth = references(Reference(data), pictures)
    graph = models.graph("face_detector").read_bytes()
    assert_parity("short_range", graph, pictures, truth, SHORT_RANGE_LIMITS)


def test_sparse_weights_agree_with_the_interpreter(models: ModelFolder) -> None:
    """The full-range detector has sparse weights, resizes and depth to space."""
    pictures = whole_pictures(models, 192)
    data = models.source("face_detection_full_range_sparse").read_bytes()
    truth = references(Reference(data), pictures)
    graph = models.graph("room_detector_full_range").read_bytes()
    assert_parity("full_range", graph, pictures, truth, FULL_RANGE_LIMITS)


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_plain_mesh_agrees_with_the_interpreter(
    models: ModelFolder, crops: F32, variant: Variant
) -> None:
    """The mesh without attention needs the interpreter alone."""
    data = models.source("face_landmark").read_bytes()
    truth = references(Reference(data), crops)
    assert_parity(f"mesh {variant}", convert(data, variant=variant), crops, truth, MESH_LIMITS_PX)


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_attention_mesh_agrees_with_interpreter_and_geometry(
    models: ModelFolder, crops: F32, attention_truth: list[F32], variant: Variant
) -> None:
    """Built-in operators by the interpreter, the three others by textbook geometry in float64."""
    data = models.source("face_landmark_with_attention").read_bytes()
    graph = convert(data, variant=variant)
    limits = [ATTENTION_LIMIT_PX] * len(attention_truth)
    assert_parity(f"attention {variant}", graph, crops, attention_truth, limits)


def test_the_attention_mesh_agrees_with_mediapipe_itself(models: ModelFolder) -> None:
    """Its C++ graph knows what the three own operators mean; its answers are kept as numbers."""
    golden = json.loads(MESH_GOLDEN.read_text("utf-8"))
    crops = planes(mesh_inputs(models))
    truth = [np.array(rows, np.float32) for rows in golden]
    limits = [GOLDEN_LIMIT_PX] * len(truth)
    assert_parity("mediapipe", models.graph("attention_mesh").read_bytes(), crops, truth, limits)


@pytest.mark.parametrize("name", ["face_detector", "attention_mesh", "room_detector_full_range"])
def test_a_batch_answers_what_single_runs_answer(models: ModelFolder, name: str) -> None:
    """Company changes nobody's answer, not in the last bit that counts."""
    size_px = 128 if name == "face_detector" else 192
    pictures: F32 | U8 = face_crops(models, size_px)[:7]
    if name == "attention_mesh":
        pictures = planes(pictures * 255)
    graph = (models.path / f"{name}.onnx").read_bytes()
    batch = run_onnx(graph, pictures)
    alone = [run_onnx(graph, pictures[i : i + 1]) for i in range(len(pictures))]
    for many, ones in zip(batch, zip(*alone, strict=True), strict=True):
        np.testing.assert_allclose(many, np.concatenate(ones), rtol=0, atol=5e-5)


def test_the_mesh_tells_faces_from_other_pictures(models: ModelFolder) -> None:
    """The flag is above zero on every portrait and below on every faceless picture."""
    graph = models.graph("attention_mesh").read_bytes()
    pictures = planes((whole_pictures(models, 192) + 1) * 127.5)
    flags = run_onnx(graph, pictures)[6].reshape(len(PORTRAITS) + len(FACELESS), -1)
    near = run_onnx(graph, planes(face_crops(models, 192) * 255))[6]
    assert near.min() > 0
    assert flags[len(PORTRAITS) :].max() < 0
