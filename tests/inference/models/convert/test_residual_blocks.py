"""Residual blocks as meshes are made of: PReLUs with any slopes, and blocks that widen."""

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from inference.models.convert.converter import convert
from tests.inference.models.convert.test_arithmetic import behind_a_convolution, random
from tests.inference.models.drafts import F32, Draft, assert_same, options

CHANNELS = 6
ONE = {"strideH": 1, "strideW": 1, "dilationHFactor": 1, "dilationWFactor": 1}
TWO = {"strideH": 2, "strideW": 2, "filterHeight": 2, "filterWidth": 2, "padding": 1}
RELU = 1


def slopes(channels: int) -> F32:
    """Return slopes on both sides of 0 and of 1, and both of them."""
    return np.resize(np.array([-1.5, -0.6, 0.0, 1.6, 1.0, 1.8], np.float32), channels)


def prelu(draft: Draft, value: int) -> int:
    """Add a PReLU."""
    shape = draft.graph.tensors[value].shape
    constant = draft.constant(np.roll(slopes(shape[-1]), len(draft.graph.tensors)))
    return draft.operator("PRELU", [value, constant], draft.tensor(*shape))


def depthwise(draft: Draft, value: int) -> int:
    """Add a 3x3 depthwise convolution with a bias."""
    shape = draft.graph.tensors[value].shape
    weights = draft.constant(random(1, 3, 3, shape[-1]))
    inputs = [value, weights, draft.constant(random(shape[-1]))]
    settings = options("DepthwiseConv2DOptions", depthMultiplier=1, **ONE)
    return draft.operator("DEPTHWISE_CONV_2D", inputs, draft.tensor(*shape), settings)


def added(draft: Draft, first: int, second: int, *, activation: int = 0) -> int:
    """Add an addition."""
    settings = options("AddOptions", fusedActivationFunction=activation)
    result = draft.tensor(*draft.graph.tensors[first].shape)
    return draft.operator("ADD", [first, second], result, settings)


def blocks(count: int, *, activation: int = 0) -> bytes:
    """Return a file of residual blocks: PReLU, depthwise, pointwise, added to the PReLU."""
    draft = Draft()
    picture = draft.tensor(1, 4, 5, 3)
    value = prelu(draft, behind_a_convolution(draft, picture, CHANNELS))
    for _ in range(count):
        inside = behind_a_convolution(draft, depthwise(draft, value), CHANNELS)
        value = prelu(draft, added(draft, value, inside, activation=activation))
    result = behind_a_convolution(draft, value, 2)
    return draft.finish([picture], [result])


def padded(draft: Draft, value: int, channels: int) -> int:
    """Add channels of zeros behind those of a picture."""
    *place, before = draft.graph.tensors[value].shape
    pairs = np.array([[0, 0], [0, 0], [0, 0], [0, channels - before]], np.int32)
    result = draft.tensor(*place, channels)
    return draft.operator("PAD", [value, draft.constant(pairs)], result, options("PadOptions"))


def widening(before: int, after: int, *, activation: int = 0, is_read_twice: bool = False) -> bytes:
    """Return a file with a block whose sum has more channels than what goes into it."""
    draft = Draft()
    picture = draft.tensor(1, 4, 6, 3)
    value = prelu(draft, behind_a_convolution(draft, picture, before))
    inside = behind_a_convolution(draft, depthwise(draft, value), after)
    total = added(draft, inside, padded(draft, value, after), activation=activation)
    result = behind_a_convolution(draft, prelu(draft, total), 2)
    return draft.finish([picture], [result, inside] if is_read_twice else [result])


def zeros_drawn(data: bytes) -> int:
    """Count the convolutions that only put zeros behind other channels."""
    graph = onnx.load_from_string(convert(data, variant="cpu")).graph
    weights = [numpy_helper.to_array(constant) for constant in graph.initializer]
    return sum(
        one.ndim == 4
        and one.shape[0] > one.shape[1]
        and np.array_equal(one[:, :, 0, 0], np.eye(*one.shape[:2]))
        for one in weights
    )


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("activation", [0, RELU])
def test_residual_blocks_agree_with_the_interpreter(count: int, activation: int) -> None:
    """However long the chain is, and whatever the slopes."""
    data = blocks(count, activation=activation)
    assert_same(data, random(3, 4, 5, 3), variant="cpu", atol=1e-3)


def test_every_relu_of_a_prelu_stands_behind_a_convolution() -> None:
    """ONNX Runtime fuses it there, whether slopes lie above 1 or not."""
    graph = onnx.load_from_string(convert(blocks(3), variant="cpu")).graph
    makers = {name: node.op_type for node in graph.node for name in node.output}
    relus = [node for node in graph.node if node.op_type == "Relu"]
    assert [makers[node.input[0]] for node in relus] == ["Conv"] * 4


@pytest.mark.parametrize(("before", "after", "zeros"), [(16, 48, 0), (6, 9, 1), (16, 24, 1)])
def test_a_block_that_widens_draws_zeros_only_where_it_must(
    before: int, after: int, zeros: int
) -> None:
    """Where both parts fill their blocks of channels, nobody adds zeros."""
    data = widening(before, after)
    assert_same(data, random(3, 4, 6, 3), variant="cpu", atol=1e-3)
    assert zeros_drawn(data) == zeros


def test_what_others_read_is_drawn_whole() -> None:
    """The result of the convolution inside is an output, too."""
    data = widening(16, 48, is_read_twice=True)
    assert_same(data, random(3, 4, 6, 3), variant="cpu", atol=1e-3)
    assert zeros_drawn(data) == 1


def test_a_sum_with_an_activation_is_drawn_whole() -> None:
    """Its relu stands behind all channels."""
    data = widening(16, 48, activation=RELU)
    assert_same(data, random(3, 4, 6, 3), variant="cpu", atol=1e-3)
    assert zeros_drawn(data) == 1


def test_two_pictures_with_zeros_can_be_added() -> None:
    """Zeros are drawn behind both."""
    draft = Draft()
    picture = draft.tensor(1, 4, 5, 3)
    value = behind_a_convolution(draft, picture, 16)
    result = added(draft, padded(draft, value, 32), padded(draft, value, 32))
    data = draft.finish([picture], [result])
    assert_same(data, random(3, 4, 5, 3), variant="cpu", atol=1e-4)
    assert zeros_drawn(data) == 2


def test_a_maximum_reads_a_prelu() -> None:
    """A pool and a convolution read the same value."""
    draft = Draft()
    picture = draft.tensor(1, 4, 5, 3)
    value = prelu(draft, behind_a_convolution(draft, picture, CHANNELS))
    pool = options("Pool2DOptions", **TWO)
    result = draft.operator("MAX_POOL_2D", [value], draft.tensor(1, 2, 2, CHANNELS), pool)
    other = behind_a_convolution(draft, value, 2)
    assert_same(
        draft.finish([picture], [result, other]), random(3, 4, 5, 3), variant="cpu", atol=1e-3
    )


def test_a_sum_of_one_value_with_itself_is_right() -> None:
    """It is twice the value."""
    draft = Draft()
    picture = draft.tensor(1, 4, 5, 3)
    value = prelu(draft, behind_a_convolution(draft, picture, CHANNELS))
    result = behind_a_convolution(draft, added(draft, value, value), 2)
    assert_same(draft.finish([picture], [result]), random(3, 4, 5, 3), variant="cpu", atol=1e-4)
