"""Operators that work value by value."""

import numpy as np
import onnx
import pytest

from inference.models.convert.converter import convert
from inference.models.manifest import Variant
from tests.inference.models.drafts import F32, Draft, assert_same, options

RNG = np.random.default_rng(11)
RELU = 1


def random(*shape: int) -> F32:
    """Return values around zero."""
    return RNG.normal(size=shape).astype(np.float32)


def behind_a_convolution(draft: Draft, picture: int, channels: int) -> int:
    """Add a 1x1 convolution, so that what follows meets a picture in NCHW."""
    shape = [int(size) for size in draft.graph.tensors[picture].shape]
    weights = random(channels, 1, 1, shape[-1])
    one = {"strideH": 1, "strideW": 1, "dilationHFactor": 1, "dilationWFactor": 1}
    return draft.operator(
        "CONV_2D",
        [picture, draft.constant(weights), draft.constant(random(channels))],
        draft.tensor(*shape[:3], channels),
        options("Conv2DOptions", **one),
    )


def prelu_file(slopes: F32) -> bytes:
    """Return a convolution to 6 channels and a PReLU behind it."""
    draft = Draft()
    picture = draft.tensor(1, 5, 4, 3)
    value = behind_a_convolution(draft, picture, 6)
    result = draft.tensor(1, 5, 4, 6)
    draft.operator("PRELU", [value, draft.constant(slopes)], result)
    return draft.finish([picture], [result])


@pytest.mark.parametrize("variant", ["plain", "cpu"])
@pytest.mark.parametrize("shape", [(1, 1, 6), (6,), (5, 4, 6)])
def test_prelu_agrees_with_the_interpreter(variant: Variant, shape: tuple[int, ...]) -> None:
    """Slopes per channel and slopes per pixel are both read right, rewritten or not."""
    assert_same(prelu_file(random(*shape)), random(2, 5, 4, 3), variant=variant)


def test_the_cpu_variant_has_no_prelu() -> None:
    """Slopes per channel become two depthwise convolutions."""
    graph = onnx.load_from_string(convert(prelu_file(random(1, 1, 6)), variant="cpu")).graph
    assert [node.op_type for node in graph.node].count("Conv") == 3
    assert "PRelu" not in {node.op_type for node in graph.node}


def test_slopes_per_pixel_stay_a_prelu() -> None:
    """There is no depthwise convolution that could do it."""
    graph = onnx.load_from_string(convert(prelu_file(random(5, 4, 6)), variant="cpu")).graph
    assert "PRelu" in {node.op_type for node in graph.node}


@pytest.mark.parametrize("kind", ["Add", "Sub", "Mul", "Div"])
@pytest.mark.parametrize("shape", [(1, 5, 4, 6), (6,), (1,)])
def test_binary_operators_agree_with_the_interpreter(kind: str, shape: tuple[int, ...]) -> None:
    """A constant of any rank meets a picture in NCHW as it met one in NHWC."""
    draft = Draft()
    picture = draft.tensor(1, 5, 4, 3)
    value = behind_a_convolution(draft, picture, 6)
    other = draft.constant(np.abs(random(*shape)) + 1)
    result = draft.tensor(1, 5, 4, 6)
    fused = options(f"{kind}Options", fusedActivationFunction=RELU)
    draft.operator(kind.upper(), [value, other], result, fused)
    assert_same(draft.finish([picture], [result]), random(2, 5, 4, 3))


def test_a_value_in_each_order_can_be_added() -> None:
    """One picture in NCHW and one in NHWC meet in one order, with one transpose."""
    draft = Draft()
    picture = draft.tensor(1, 5, 4, 3)
    value = behind_a_convolution(draft, picture, 3)
    result = draft.tensor(1, 5, 4, 3)
    draft.operator("ADD", [picture, value], result, options("AddOptions"))
    assert_same(draft.finish([picture], [result]), random(2, 5, 4, 3))


@pytest.mark.parametrize("kind", ["RELU", "LOGISTIC", "NEG"])
def test_unary_operators_agree_with_the_interpreter(kind: str) -> None:
    """They keep the order of the picture."""
    draft = Draft()
    picture = draft.tensor(1, 5, 4, 3)
    value = behind_a_convolution(draft, picture, 2)
    result = draft.operator(kind, [value], draft.tensor(1, 5, 4, 2))
    assert_same(draft.finish([picture], [result]), random(2, 5, 4, 3))


def test_half_precision_weights_are_exact() -> None:
    """A float16 constant behind DEQUANTIZE becomes the same float32 constant."""
    draft = Draft()
    value = draft.tensor(1, 4)
    stored = draft.constant(random(1, 4).astype(np.float16))
    widened = draft.operator("DEQUANTIZE", [stored], draft.tensor(1, 4))
    result = draft.operator("ADD", [value, widened], draft.tensor(1, 4), options("AddOptions"))
    assert_same(draft.finish([value], [result]), random(2, 4), atol=0)
