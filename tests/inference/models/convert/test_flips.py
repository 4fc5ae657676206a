"""Residual blocks of PReLUs with slopes above and below 1, as meshes are made of."""

import numpy as np
import onnx
import pytest

from inference.models.convert.converter import convert
from tests.inference.models.convert.test_arithmetic import behind_a_convolution, random
from tests.inference.models.drafts import F32, Draft, assert_same, options

CHANNELS = 6
ONE = {"strideH": 1, "strideW": 1, "dilationHFactor": 1, "dilationWFactor": 1}
SHAPE = (1, 4, 5, CHANNELS)
RELU = 1


def slopes(*, above: bool) -> F32:
    """Return slopes on both sides of 0, and of 1 if some may lie above; 1 itself is there, too."""
    values = np.array([-1.5, -0.2, 0.0, 0.4, 1.0, 0.9], np.float32)
    return values * np.array([1, 3, 1, 4, 1, 2], np.float32) if above else values


def prelu(draft: Draft, value: int, *, above: bool = True) -> int:
    """Add a PReLU."""
    constant = draft.constant(np.roll(slopes(above=above), len(draft.graph.tensors)))
    return draft.operator("PRELU", [value, constant], draft.tensor(*SHAPE))


def depthwise(draft: Draft, value: int) -> int:
    """Add a 3x3 depthwise convolution with a bias."""
    inputs = [value, draft.constant(random(1, 3, 3, CHANNELS)), draft.constant(random(CHANNELS))]
    settings = options("DepthwiseConv2DOptions", depthMultiplier=1, **ONE)
    return draft.operator("DEPTHWISE_CONV_2D", inputs, draft.tensor(*SHAPE), settings)


def added(draft: Draft, first: int, second: int, *, activation: int = 0) -> int:
    """Add an addition."""
    settings = options("AddOptions", fusedActivationFunction=activation)
    return draft.operator("ADD", [first, second], draft.tensor(*SHAPE), settings)


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


def free_relus(data: bytes) -> tuple[int, int]:
    """Count the relus behind a convolution, which ONNX Runtime fuses with it, and all of them."""
    graph = onnx.load_from_string(convert(data, variant="cpu")).graph
    makers = {name: node.op_type for node in graph.node for name in node.output}
    relus = [node for node in graph.node if node.op_type == "Relu"]
    return sum(makers[node.input[0]] == "Conv" for node in relus), len(relus)


@pytest.mark.parametrize("count", [1, 3])
def test_residual_blocks_agree_with_the_interpreter(count: int) -> None:
    """Signs are taken back by whoever reads them, however long the chain is."""
    data = blocks(count)
    assert_same(data, random(3, 4, 5, 3), variant="cpu", atol=1e-3)
    assert free_relus(data) == (count + 1, count + 1)


def test_an_addition_with_an_activation_takes_no_signs() -> None:
    """A relu behind the sum would cut the wrong half."""
    assert_same(blocks(2, activation=RELU), random(3, 4, 5, 3), variant="cpu", atol=1e-3)


def test_a_maximum_takes_no_signs() -> None:
    """The PReLU before a pool keeps its own; the one before that does not."""
    draft = Draft()
    picture = draft.tensor(1, 4, 5, 3)
    value = prelu(draft, behind_a_convolution(draft, picture, CHANNELS))
    inside = behind_a_convolution(draft, depthwise(draft, value), CHANNELS)
    value = prelu(draft, added(draft, value, inside))
    pool = options("Pool2DOptions", filterHeight=2, filterWidth=2, strideH=2, strideW=2, padding=1)
    result = draft.operator("MAX_POOL_2D", [value], draft.tensor(1, 2, 2, CHANNELS), pool)
    other = behind_a_convolution(draft, value, 2)
    assert_same(
        draft.finish([picture], [result, other]), random(3, 4, 5, 3), variant="cpu", atol=1e-3
    )


@pytest.mark.parametrize("is_read", [True, False])
def test_an_output_has_its_own_signs(*, is_read: bool) -> None:
    """Though a convolution reads it as well."""
    draft = Draft()
    picture = draft.tensor(1, 4, 5, 3)
    value = prelu(draft, behind_a_convolution(draft, picture, CHANNELS))
    outputs = [value, behind_a_convolution(draft, value, 2)] if is_read else [value]
    assert_same(draft.finish([picture], outputs), random(3, 4, 5, 3), variant="cpu")


def test_a_sum_of_one_value_with_itself_is_right() -> None:
    """There is no other part that could be asked."""
    draft = Draft()
    picture = draft.tensor(1, 4, 5, 3)
    value = prelu(draft, behind_a_convolution(draft, picture, CHANNELS))
    result = behind_a_convolution(draft, added(draft, value, value), 2)
    assert_same(draft.finish([picture], [result]), random(3, 4, 5, 3), variant="cpu", atol=1e-4)


def test_a_convolution_that_others_read_is_not_negated() -> None:
    """Its result is added to a PReLU's and is an output, too."""
    draft = Draft()
    picture = draft.tensor(1, 4, 5, 3)
    value = prelu(draft, behind_a_convolution(draft, picture, CHANNELS))
    inside = behind_a_convolution(draft, depthwise(draft, value), CHANNELS)
    result = behind_a_convolution(draft, added(draft, value, inside), 2)
    data = draft.finish([picture], [result, inside])
    assert_same(data, random(3, 4, 5, 3), variant="cpu", atol=1e-4)


def test_slopes_below_one_need_no_signs() -> None:
    """Then every reader will do."""
    draft = Draft()
    picture = draft.tensor(1, 4, 5, 3)
    value = prelu(draft, behind_a_convolution(draft, picture, CHANNELS), above=False)
    data = draft.finish([picture], [value])
    assert_same(data, random(3, 4, 5, 3), variant="cpu")
    assert free_relus(data) == (1, 1)
