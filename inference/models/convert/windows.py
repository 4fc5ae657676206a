"""How do operators that slide a window translate: convolutions and pools?

Traps:
1. SAME padding depends on the input's size and is not symmetric: the odd pixel goes behind.
2. Depthwise weights are (1, kh, kw, C) in tflite and (C, 1, kh, kw) with C groups in ONNX.
3. An average pool does not count the padding.
4. cuDNN pads both sides alike: for a GPU, uneven padding becomes an operator of its own.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import tflite  # type: ignore[import-untyped]  # generated schema without annotations
from rapt.errors import Misconfigured

from inference.models.convert.activation import activated
from inference.models.convert.flatbuffer import Operator
from inference.models.convert.layout import Drawing
from inference.models.convert.parts import split_of


def same_padding(size: int, window: int, stride: int, dilation: int = 1) -> tuple[int, int]:
    """Return how many pixels SAME puts before and behind one axis."""
    steps = -(-size // stride)
    total = max((steps - 1) * stride + (window - 1) * dilation + 1 - size, 0)
    return total // 2, total - total // 2


def convolution(drawing: Drawing, operator: Operator) -> None:
    """CONV_2D: weights (out, kh, kw, in)."""
    options = operator.options(tflite.Conv2DOptions)
    weights = drawing.known(operator.inputs[1]).transpose(0, 3, 1, 2)
    _convolve(drawing, operator, options, weights, 1)


def depthwise_convolution(drawing: Drawing, operator: Operator) -> None:
    """DEPTHWISE_CONV_2D: weights (1, kh, kw, C)."""
    options = operator.options(tflite.DepthwiseConv2DOptions)
    weights = drawing.known(operator.inputs[1]).transpose(3, 0, 1, 2)
    groups = drawing.shape(operator.inputs[0])[3]
    _convolve(drawing, operator, options, weights, groups)


def max_pool(drawing: Drawing, operator: Operator) -> None:
    """MAX_POOL_2D."""
    _pool(drawing, operator, "MaxPool")


def average_pool(drawing: Drawing, operator: Operator) -> None:
    """AVERAGE_POOL_2D."""
    _pool(drawing, operator, "AveragePool", count_include_pad=0)


def _convolve(
    drawing: Drawing, operator: Operator, options: Any, weights: Any, groups: int
) -> None:
    picture, result = operator.inputs[0], operator.outputs[0]
    window = weights.shape[2:]
    strides = (options.StrideH(), options.StrideW())
    dilations = (options.DilationHFactor(), options.DilationWFactor())
    value, factors = drawing.read_scaled(picture)
    weights = weights * (factors.reshape(-1, 1, 1, 1) if groups > 1 else factors[:, None, None])
    has_bias = len(operator.inputs) > 2 and operator.inputs[2] >= 0  # noqa: PLR2004 - the third
    bias = drawing.known(operator.inputs[2]) if has_bias else None
    pads = _pads(options, drawing.shape(picture)[1:3], window, strides, dilations)
    if drawing.is_for_gpu and pads[:2] != pads[2:]:
        around = drawing.ints(0, 0, *pads[:2], 0, 0, *pads[2:])
        value, pads = drawing.node("Pad", value, around), [0, 0, 0, 0]

    def drawn(channels: slice) -> str:
        inputs = [value, drawing.constant(weights[channels])]
        if bias is not None:
            inputs.append(drawing.constant(bias[channels]))
        return drawing.node(
            "Conv",
            *inputs,
            kernel_shape=window,
            strides=strides,
            dilations=dilations,
            group=groups,
            pads=pads,
        )

    activation = options.FusedActivationFunction()
    at = split_of(drawing.source, result) if drawing.is_for_cpu and groups == 1 else None
    if at is not None and activation == tflite.ActivationFunctionType.NONE:
        drawing.write_parts(result, drawn(slice(at)), drawn(slice(at, None)))
    else:
        drawing.write(result, activated(drawing, drawn(slice(None)), activation), "NCHW")


def _pool(drawing: Drawing, operator: Operator, kind: str, **attributes: Any) -> None:
    options = operator.options(tflite.Pool2DOptions)
    picture = operator.inputs[0]
    window = (options.FilterHeight(), options.FilterWidth())
    strides = (options.StrideH(), options.StrideW())
    pads = _pads(options, drawing.shape(picture)[1:3], window, strides, (1, 1))
    if drawing.is_for_gpu and pads[:2] != pads[2:]:
        raise Misconfigured(f"the converter knows no uneven {kind} for a GPU")
    drawn = drawing.node(
        kind,
        drawing.read(picture, "NCHW"),
        kernel_shape=window,
        strides=strides,
        pads=pads,
        **attributes,
    )
    result = activated(drawing, drawn, options.FusedActivationFunction())
    drawing.write(operator.outputs[0], result, "NCHW")


def _pads(
    options: Any,
    sizes: Sequence[int],
    window: Sequence[int],
    strides: Sequence[int],
    dilations: Sequence[int],
) -> list[int]:
    if options.Padding() == tflite.Padding.VALID:
        return [0, 0, 0, 0]
    each = map(same_padding, sizes, window, strides, dilations)
    return np.array(list(each)).T.ravel().tolist()
