"""Convolutions and pools."""

from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.models.convert.windows import same_padding
from tests.inference.models.drafts import F32, Draft, assert_same, options

RNG = np.random.default_rng(7)
SAME, VALID = 0, 1
RELU6 = 3


def random(*shape: int) -> F32:
    """Return values around zero."""
    return RNG.normal(size=shape).astype(np.float32)


class Window(NamedTuple):
    """Everything that the padding of a convolution hangs on."""

    height: int
    width: int
    size: int
    stride: int
    dilation: int


WINDOWS = st.builds(
    Window,
    st.integers(7, 11),
    st.integers(7, 11),
    st.integers(1, 3),
    st.integers(1, 2),
    st.integers(1, 2),
)


def convolution(window: Window, padding: int) -> bytes:
    """Return a file with one convolution, 3 to 5 channels, with bias."""
    draft = Draft()
    lost = 0 if padding == SAME else (window.size - 1) * window.dilation
    steps = [-(-(size - lost) // window.stride) for size in (window.height, window.width)]
    weights = random(5, window.size, window.size, 3)
    picture = draft.tensor(1, window.height, window.width, 3)
    draft.operator(
        "CONV_2D",
        [picture, draft.constant(weights), draft.constant(random(5))],
        result := draft.tensor(1, *steps, 5),
        options(
            "Conv2DOptions",
            padding=padding,
            strideH=window.stride,
            strideW=window.stride,
            dilationHFactor=window.dilation,
            dilationWFactor=window.dilation,
        ),
    )
    return draft.finish([picture], [result])


@given(st.integers(1, 300), st.integers(1, 7), st.integers(1, 4), st.integers(1, 3))
def test_same_padding_makes_one_step_per_stride(
    size: int, window: int, stride: int, dilation: int
) -> None:
    """The padded axis gives ceil(size / stride) steps, and the odd pixel goes behind."""
    before, behind = same_padding(size, window, stride, dilation)
    reach = (window - 1) * dilation + 1
    if before + behind:
        assert (size + before + behind - reach) // stride + 1 == -(-size // stride)
    else:
        assert (-(-size // stride) - 1) * stride + reach <= size
    assert behind - before in {0, 1}


@pytest.mark.parametrize("padding", [SAME, VALID])
@settings(max_examples=15, deadline=None)
@given(WINDOWS)
def test_convolutions_agree_with_the_interpreter(padding: int, window: Window) -> None:
    """Any size, window, stride and dilation gives the interpreter's values."""
    data = convolution(window, padding)
    assert_same(data, random(2, window.height, window.width, 3))


@pytest.mark.parametrize("height", [8, 9])
def test_depthwise_convolutions_agree_with_the_interpreter(height: int) -> None:
    """Weights (1, kh, kw, C) and a fused relu6 are read right."""
    draft = Draft()
    picture = draft.tensor(1, height, 8, 4)
    draft.operator(
        "DEPTHWISE_CONV_2D",
        [picture, draft.constant(random(1, 3, 3, 4)), draft.constant(random(4))],
        result := draft.tensor(1, -(-height // 2), 4, 4),
        options(
            "DepthwiseConv2DOptions",
            padding=SAME,
            strideH=2,
            strideW=2,
            depthMultiplier=1,
            dilationHFactor=1,
            dilationWFactor=1,
            fusedActivationFunction=RELU6,
        ),
    )
    assert_same(draft.finish([picture], [result]), 4 * random(3, height, 8, 4))


@pytest.mark.parametrize("kind", ["MAX_POOL_2D", "AVERAGE_POOL_2D"])
@pytest.mark.parametrize("size", [8, 9])
def test_pools_agree_with_the_interpreter(kind: str, size: int) -> None:
    """Padding neither wins a maximum nor counts in a mean."""
    draft = Draft()
    picture = draft.tensor(1, size, size, 2)
    draft.operator(
        kind,
        [picture],
        result := draft.tensor(1, -(-size // 2), -(-size // 2), 2),
        options("Pool2DOptions", padding=SAME, strideH=2, strideW=2, filterHeight=3, filterWidth=3),
    )
    assert_same(draft.finish([picture], [result]), random(2, size, size, 2) - 5)
