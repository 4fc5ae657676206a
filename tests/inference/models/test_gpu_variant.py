"""The graphs for GPUs, on the CPU provider: same answers, and nothing that CUDA cannot run."""

from pathlib import Path

import numpy as np
import onnx
import pytest

from inference.models.build import build
from inference.models.folder import GraphName, ModelFolder
from inference.models.manifest import OptionName, read_manifest
from inference.models.places import Places
from inference.models.portrait import U8
from tests.inference.models.drafts import F32, run_onnx
from tests.inference.models.eyes import eye_crops, head_angles
from tests.inference.models.faces import face_crops
from tests.inference.models.toys import Silent

MANIFEST = read_manifest()
NAMES: tuple[GraphName, ...] = (
    "face_detector",
    "room_detector_full_range",
    "attention_mesh",
    "gaze",
    "open_eyes",
    "face_landmarks_v2",
)
SIZES = {
    "face_detector": 128,
    "room_detector_full_range": 192,
    "attention_mesh": 192,
    "face_landmarks_v2": 256,
}
LIMITS = {
    "face_detector": 1e-3,  # logits and pixels
    "room_detector_full_range": 1e-3,
    "attention_mesh": 1e-3,  # pixels
    "gaze": 2e-6,
    "open_eyes": 2e-6,
    "face_landmarks_v2": 1e-3,  # pixels
}

# fmt: off
CUDA_KERNELS = frozenset((
    "Abs", "Add", "Cast", "Concat", "Conv", "DepthToSpace", "Div", "Equal", "Exp", "Floor",
    "Gather", "GatherND", "Identity", "MatMul", "Max", "MaxPool", "Min", "Mul", "PRelu", "Pad",
    "ReduceL2", "ReduceMax", "ReduceMin", "ReduceSum", "Relu", "Reshape", "Resize", "Sigmoid",
    "Slice", "Squeeze", "Sub", "Transpose", "Unsqueeze",
))
# fmt: on
"""Those of our operators that ONNX Runtime's list of CUDA kernels has for float32, opset 17.

Source: docs/OperatorKernels.md of onnxruntime, main branch of 2026.
"""


@pytest.fixture(scope="module")
def both(full_models: ModelFolder, tmp_path_factory: pytest.TempPathFactory) -> ModelFolder:
    """Return a folder with both variants."""
    cache = full_models.source("face_landmark").parents[1]
    places = Places(models=tmp_path_factory.mktemp("gpu") / "models", cache=cache)
    build(MANIFEST, places, Silent(), asked=("gaze", "expression", "gpu"))
    return ModelFolder(places.models)


def as_bytes(pictures: F32) -> U8:
    """Round pictures in 0..1 to bytes."""
    return np.round(pictures * 255).astype(np.uint8)


def pictures_of(models: ModelFolder, name: GraphName) -> list[tuple[F32 | U8, F32 | U8]]:
    """Return for each input: what the GPU's graph takes, and what the CPU's graph takes."""
    if name in SIZES:
        given = as_bytes(face_crops(models, SIZES[name])[::3])
        if MANIFEST.model(name).picture is not None:
            return [(given, np.ascontiguousarray(given.transpose(0, 3, 1, 2)))]
        picture = MANIFEST.model(f"{name}.gpu").picture
        assert picture is not None
        return [(given, given * np.float32(picture.scale) + np.float32(picture.offset))]
    sides = np.round(eye_crops(models, 60 if name == "gaze" else 32))[:, ::6]
    pairs: list[tuple[F32 | U8, F32 | U8]] = [
        (np.ascontiguousarray(bgr[:, ::-1].transpose(0, 2, 3, 1)).astype(np.uint8), bgr)
        for bgr in (sides if name == "gaze" else [np.concatenate(sides)])
    ]
    angles = head_angles(len(sides[0]))
    return [*pairs, (angles, angles)] if name == "gaze" else pairs


@pytest.mark.parametrize("name", NAMES)
def test_both_variants_give_the_same(
    both: ModelFolder, models: ModelFolder, name: GraphName
) -> None:
    """Normalisation and order of colours stand in the graph."""
    pairs = pictures_of(models, name)
    ours = run_onnx(str(both.graph(name, variant="gpu")), *(given for given, _ in pairs))
    theirs = run_onnx(str(both.graph(name)), *(given for _, given in pairs))
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=LIMITS[name])


@pytest.mark.parametrize("name", NAMES)
def test_every_operator_has_a_cuda_kernel(both: ModelFolder, name: GraphName) -> None:
    """Otherwise values would cross the bus in the middle of a run."""
    graph = onnx.load(both.graph(name, variant="gpu")).graph
    assert {node.op_type for node in graph.node} <= CUDA_KERNELS


@pytest.mark.parametrize("name", NAMES)
def test_pictures_come_in_as_bytes(both: ModelFolder, name: GraphName) -> None:
    """A quarter of what floats would take on the way to the device."""
    for value in onnx.load(both.graph(name, variant="gpu")).graph.input:
        tensor = value.type.tensor_type
        if len(tensor.shape.dim) == 4:
            assert tensor.elem_type == onnx.TensorProto.UINT8
            assert tensor.shape.dim[3].dim_value == 3


@pytest.mark.parametrize("name", NAMES)
def test_both_sides_are_padded_alike(both: ModelFolder, name: GraphName) -> None:
    """What cuDNN cannot pad is an operator of its own."""
    for node in onnx.load(both.graph(name, variant="gpu")).graph.node:
        pads = [list(a.ints) for a in node.attribute if a.name == "pads"]
        assert all(each[:2] == each[2:] for each in pads)


def test_only_what_was_asked_for_is_built(models: ModelFolder, tmp_path: Path) -> None:
    """The eyes' graphs for GPUs need both options."""
    places = Places(tmp_path / "models", models.source("face_landmark").parents[1])
    asked: tuple[OptionName, ...] = ("gpu",)
    made = build(MANIFEST, places, Silent(), asked=asked).plan.models
    folder = ModelFolder(places.models)
    assert folder.has("attention_mesh", variant="gpu")
    assert not folder.has("gaze", variant="gpu")
    assert {option for model in made for option in model.options} == {"gpu"}
