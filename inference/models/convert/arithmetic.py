"""How do operators that work value by value translate?

Trap: ONNX Runtime's PRelu kernel is slow on CPUs and forces reorders out of the blocked layout.
With one slope a per channel, PReLU(x) = (1 - a) relu(x) + a x is two depthwise 1x1 convolutions,
which stay inside that layout: 2.6 times faster for the whole attention mesh on one x86 core, and
equal to 5e-5. Where (1 - a) relu(x) = relu((1 - a) x), that relu costs nothing, since ONNX Runtime
fuses it with its convolution; `flips` says how that comes true for slopes above 1, too.
That is the `cpu` variant.
"""

import numpy as np
import tflite  # type: ignore[import-untyped]  # generated schema without annotations

from inference.models.convert.activation import activated
from inference.models.convert.flatbuffer import Operator
from inference.models.convert.layout import Drawing
from inference.models.convert.sheet import Array

BINARY = {
    "ADD": ("Add", tflite.AddOptions),
    "SUB": ("Sub", tflite.SubOptions),
    "MUL": ("Mul", tflite.MulOptions),
    "DIV": ("Div", tflite.DivOptions),
}
NONE = tflite.ActivationFunctionType.NONE
UNARY = {"RELU": "Relu", "LOGISTIC": "Sigmoid", "NEG": "Neg", "SQRT": "Sqrt"}


def binary(drawing: Drawing, operator: Operator) -> None:
    """ADD, SUB, MUL, DIV: NCHW if either input already stands so."""
    kind, table = BINARY[operator.kind]
    fused = operator.options(table).FusedActivationFunction()
    if kind == "Add" and fused == NONE and _are_flipped_alike(drawing, operator):
        parts = [drawing.read_flipped(tensor) for tensor in operator.inputs]
        drawn = drawing.node("Add", *(name for name, _ in parts))
        drawing.write_flipped(operator.outputs[0], drawn, parts[0][1])
        return
    layout = drawing.cheaper(*operator.inputs)
    drawn = drawing.node(kind, *(drawing.read(tensor, layout) for tensor in operator.inputs))
    drawing.write(operator.outputs[0], activated(drawing, drawn, fused), layout)


def _are_flipped_alike(drawing: Drawing, operator: Operator) -> bool:
    first, *rest = (drawing.signs(tensor) for tensor in operator.inputs)
    return first is not None and all(
        other is not None and np.array_equal(first, other) for other in rest
    )


def unary(drawing: Drawing, operator: Operator) -> None:
    """RELU, LOGISTIC, NEG, SQRT."""
    layout = drawing.cheaper(operator.inputs[0])
    drawn = drawing.node(UNARY[operator.kind], drawing.read(operator.inputs[0], layout))
    drawing.write(operator.outputs[0], drawn, layout)


def reciprocal_root(drawing: Drawing, operator: Operator) -> None:
    """RSQRT: 1 / sqrt(x)."""
    layout = drawing.cheaper(operator.inputs[0])
    root = drawing.node("Sqrt", drawing.read(operator.inputs[0], layout))
    drawing.write(operator.outputs[0], drawing.node("Reciprocal", root), layout)


def squared_difference(drawing: Drawing, operator: Operator) -> None:
    """SQUARED_DIFFERENCE: (x - y)^2."""
    layout = drawing.cheaper(*operator.inputs)
    apart = drawing.node("Sub", *(drawing.read(tensor, layout) for tensor in operator.inputs))
    drawing.write(operator.outputs[0], drawing.node("Mul", apart, apart), layout)


def widened(drawing: Drawing, operator: Operator) -> None:
    """DEQUANTIZE and DENSIFY of constants: the reader has already done it."""
    drawing.folded[operator.outputs[0]] = drawing.known(operator.inputs[0])


def prelu(drawing: Drawing, operator: Operator) -> None:
    """PRELU: slopes (1, 1, C) become (C, 1, 1)."""
    slopes = drawing.known(operator.inputs[1]).astype(np.float32)
    layout = drawing.cheaper(operator.inputs[0])
    channels = drawing.shape(operator.inputs[0])[-1]
    if drawing.is_for_cpu and layout == "NCHW" and slopes.size == channels:
        _prelu_as_convolutions(drawing, operator, slopes.ravel())
        return
    value = drawing.read(operator.inputs[0], layout)
    drawn = drawing.node("PRelu", value, drawing.read(operator.inputs[1], layout))
    drawing.write(operator.outputs[0], drawn, layout)


def _prelu_as_convolutions(drawing: Drawing, operator: Operator, slopes: Array) -> None:
    result = operator.outputs[0]
    value, signs = drawing.read_flipped(operator.inputs[0])
    if slopes.max() <= 1 or drawing.readers.all_take_signs(result):
        turned = np.where(slopes > 1, np.float32(-1), np.float32(1))
        below = drawing.per_channel(value, signs * turned * slopes)
        above = drawing.node("Relu", drawing.per_channel(value, signs * abs(1 - slopes)))
        drawing.write_flipped(result, drawing.node("Add", below, above), turned)
        return
    below = drawing.per_channel(value, signs * slopes)
    if (signs > 0).all():
        above = drawing.per_channel(drawing.node("Relu", value), 1 - slopes)
    else:
        positive = drawing.node("Relu", drawing.per_channel(value, signs * abs(1 - slopes)))
        above = drawing.per_channel(positive, np.sign(1 - slopes))
    drawing.write(result, drawing.node("Add", below, above), "NCHW")
