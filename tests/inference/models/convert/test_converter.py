"""The converter as a whole."""

import onnx
import pytest
from rapt.errors import Misconfigured

from inference.models.convert.converter import convert
from inference.models.folder import ModelFolder
from inference.models.manifest import Variant, read_manifest
from tests.inference.models.convert.test_arithmetic import behind_a_convolution, random
from tests.inference.models.drafts import Draft, options, run_onnx

TANH = 4


def one_convolution(**conv: int) -> bytes:
    """Return a file with one 1x1 convolution whose output is named like TensorFlow names."""
    draft = Draft()
    picture = draft.tensor(1, 2, 3, 4)
    result = behind_a_convolution(draft, picture, 5)
    for name, value in conv.items():
        setattr(draft.graph.operators[0].builtinOptions, name, value)
    draft.graph.tensors[result].name = b"head:0"
    return draft.finish([picture], [result])


def test_the_graph_has_the_promised_frame() -> None:
    """Opset 17, IR version 8, a free first axis, names without colons."""
    model = onnx.load_from_string(convert(one_convolution()))
    assert model.ir_version == 8
    assert [(opset.domain, opset.version) for opset in model.opset_import] == [("", 17)]
    value = model.graph.output[0]
    assert value.name == "head_0"
    assert model.graph.input[0].type.tensor_type.shape.dim[0].dim_param == "N"
    assert value.type.tensor_type.shape.dim[0].dim_param == "N"


def test_an_output_stands_in_the_order_of_the_file() -> None:
    """Whoever flattens it gets NHWC, though the graph computes in NCHW."""
    assert run_onnx(convert(one_convolution()), random(7, 2, 3, 4))[0].shape == (7, 2, 3, 5)


@pytest.mark.parametrize("variant", ["plain", "cpu"])
def test_the_same_file_gives_the_same_bytes(variant: Variant) -> None:
    """So a converted graph can be pinned by its hash."""
    data = one_convolution()
    assert convert(data, variant=variant) == convert(data, variant=variant)


def test_an_unknown_operator_is_refused_by_name() -> None:
    """A guess would be a wrong face."""
    draft = Draft()
    value = draft.tensor(1, 4)
    result = draft.operator("TANH", [value], draft.tensor(1, 4))
    with pytest.raises(Misconfigured, match="TANH"):
        convert(draft.finish([value], [result]))


def test_an_unknown_custom_operator_is_refused_by_name() -> None:
    """Its own name is said, not the word custom alone."""
    draft = Draft()
    value = draft.tensor(1, 4)
    result = draft.custom("ReadMinds", [value], draft.tensor(1, 4), {})
    with pytest.raises(Misconfigured, match="custom operator ReadMinds"):
        convert(draft.finish([value], [result]))


def test_a_custom_operator_cannot_pass_for_a_built_in_one() -> None:
    """The two kinds of names are looked up apart."""
    draft = Draft()
    value = draft.tensor(1, 4)
    result = draft.custom("RELU", [value], draft.tensor(1, 4), {})
    with pytest.raises(Misconfigured, match="custom operator RELU"):
        convert(draft.finish([value], [result]))


def test_an_unknown_activation_is_refused() -> None:
    """Only none, relu and relu6 ride on another operator."""
    with pytest.raises(Misconfigured, match="activation number 4"):
        convert(one_convolution(fusedActivationFunction=TANH))


def test_weights_that_are_computed_are_refused() -> None:
    """A convolution's weights must stand in the file."""
    draft = Draft()
    picture, weights = draft.tensor(1, 2, 3, 4), draft.tensor(5, 1, 1, 4)
    result = draft.tensor(1, 2, 3, 5)
    draft.operator("CONV_2D", [picture, weights], result, options("Conv2DOptions"))
    with pytest.raises(Misconfigured, match="needs a constant"):
        convert(draft.finish([picture, weights], [result]))


@pytest.mark.parametrize("name", ["face_detector", "attention_mesh", "room_detector_full_range"])
def test_the_shipped_graphs_have_the_pinned_hash(models: ModelFolder, name: str) -> None:
    """Converting today gives the bytes that the manifest promises."""
    model = read_manifest().model(name)
    data = models.source(model.made_of[0]).read_bytes()
    made = convert(data, variant=model.variant, picture=model.picture)
    assert made == (models.path / model.file).read_bytes()
