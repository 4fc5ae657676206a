"""How do operators that work value by value translate?

Trap: ONNX Runtime's PRelu kernel is slow on CPUs and forces reorders out of the blocked layout.
With one slope a per channel, PReLU(x) = x + (1 - a) relu(-x) is two depthwise 1x1 convolutions,
which stay inside that layout: one fuses with its relu, the other with its addition.
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
UNARY = {"RELU": "Relu", "LOGISTIC": "Sigmoid", "NEG": "Neg", "SQRT": "Sqrt"}


def binary(drawing: Drawing, operator: Operator) -> None:
    """ADD, SUB, MUL, DIV: NCHW if either input already stands so."""
    if operator.kind == "ADD" and drawing.meet(*operator.inputs):
        _add_parts(drawing, operator)
        return
    kind, table = BINARY[operator.kind]
    layout = drawing.cheaper(*operator.inputs)
    drawn = drawing.node(kind, *(drawing.read(tensor, layout) for tensor in operator.inputs))
    fused = operator.options(table).FusedActivationFunction()
    drawing.write(operator.outputs[0], activated(drawing, drawn, fused), layout)


def _add_parts(drawing: Drawing, operator: Operator) -> None:
    """Draw a sum part by part; nobody adds zeros."""
    firsts, rests = zip(*(drawing.parts(tensor) for tensor in operator.inputs), strict=True)
    [rest] = [name for name in rests if isinstance(name, str)]
    drawn = drawing.joined(drawing.node("Add", *firsts), rest)
    drawing.write(operator.outputs[0], drawn, "NCHW")


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
    value = drawing.read(operator.inputs[0], "NCHW")
    below = drawing.node("Relu", drawing.per_channel(value, -np.ones_like(slopes)))
    bent = drawing.per_channel(below, 1 - slopes)
    drawing.write(operator.outputs[0], drawing.node("Add", value, bent), "NCHW")
