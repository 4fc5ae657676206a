"""How does each layer of an IR translate? Layouts agree: both formats keep pictures as NCHW.

Traps:
1. The batch is written as 1 in every `Reshape`: its first axis becomes 0 ("as it was").
2. A mask of `StridedSlice` that is set means "ignore the bound", the other way round than one
   reads it; bounds of the batch axis are always ignored.
3. Grouped weights are (groups, out, in, h, w); ONNX wants (groups * out, in, h, w).
4. A `MaxPool` of newer versions has a second output, the places of the maxima; nobody reads it.
"""

from collections.abc import Callable, Mapping

import numpy as np
from rapt.errors import Misconfigured

from inference.models.convert_ir.reader import Layer
from inference.models.convert_ir.sketch import Sketch

BINARY = {"Add": "Add", "Multiply": "Mul", "Subtract": "Sub", "Divide": "Div"}
UNARY = {"ReLU": "Relu", "Sigmoid": "Sigmoid", "Exp": "Exp"}
_NO_END = np.iinfo(np.int64).max


def binary(sketch: Sketch, layer: Layer) -> str:
    """Add, Multiply, Subtract, Divide: both formats stretch axes of size 1 alike."""
    return sketch.node(BINARY[layer.kind], sketch.read(layer, 0), sketch.read(layer, 1))


def unary(sketch: Sketch, layer: Layer) -> str:
    """ReLU, Sigmoid, Exp."""
    return sketch.node(UNARY[layer.kind], sketch.read(layer))


def prelu(sketch: Sketch, layer: Layer) -> str:
    """PReLU: one slope per channel meets axis 1 of a value of any rank."""
    slopes = sketch.known(layer, 1).reshape(-1, *[1] * (len(layer.input_shapes[0]) - 2))
    return sketch.node("PRelu", sketch.read(layer), sketch.constant(slopes))


def convolution(sketch: Sketch, layer: Layer) -> str:
    """Convolution and GroupConvolution; the bias is an `Add` of its own."""
    weights, groups = sketch.known(layer, 1), 1
    if layer.kind == "GroupConvolution":
        groups = weights.shape[0]
        weights = weights.reshape(-1, *weights.shape[2:])
    return sketch.node(
        "Conv",
        sketch.read(layer),
        sketch.constant(weights),
        kernel_shape=weights.shape[2:],
        strides=layer.ints("strides"),
        dilations=layer.ints("dilations"),
        pads=_pads(layer),
        group=groups,
    )


def max_pool(sketch: Sketch, layer: Layer) -> str:
    """MaxPool: the last window may hang over the edge if sizes are rounded up."""
    return sketch.node(
        "MaxPool",
        sketch.read(layer),
        kernel_shape=layer.ints("kernel"),
        strides=layer.ints("strides"),
        pads=_pads(layer),
        ceil_mode=int(layer.settings.get("rounding_type") == "ceil"),
    )


def concat(sketch: Sketch, layer: Layer) -> str:
    """Concat along one axis."""
    parts = [sketch.read(layer, port) for port in range(len(layer.inputs))]
    return sketch.node("Concat", *parts, axis=int(layer.settings["axis"]))


def reshape(sketch: Sketch, layer: Layer) -> str:
    """Reshape to the shape that the file knows, with a free batch."""
    return sketch.node("Reshape", sketch.read(layer), sketch.ints(0, *layer.output_shape[1:]))


def squeeze(sketch: Sketch, layer: Layer) -> str:
    """Squeeze and Unsqueeze of the axes at port 1.

    Raises:
        Misconfigured: the batch axis would go.
    """
    axes = sketch.known_ints(layer, 1)
    if layer.kind == "Squeeze" and 0 in axes:
        raise Misconfigured(f"layer {layer.name} squeezes the batch away")
    return sketch.node(layer.kind, sketch.read(layer), sketch.ints(*axes))


def strided_slice(sketch: Sketch, layer: Layer) -> str:
    """StridedSlice: begin, end and step at ports 1 to 3.

    Raises:
        Misconfigured: it has an ellipsis or a new axis, or cuts the batch.
    """
    begin, end, step = (sketch.known_ints(layer, port) for port in (1, 2, 3))
    begin = [0 if _bit(layer, "begin_mask", axis) else at for axis, at in enumerate(begin)]
    end = [_NO_END if _bit(layer, "end_mask", axis) else at for axis, at in enumerate(end)]
    squeezed = [axis for axis in range(len(begin)) if _bit(layer, "shrink_axis_mask", axis)]
    is_odd = any(layer.ints("ellipsis_mask")) or any(layer.ints("new_axis_mask"))
    if is_odd or begin[0] != 0 or step[0] != 1 or 0 in squeezed:
        raise Misconfigured(f"layer {layer.name} cuts the batch or adds axes")
    end[0] = _NO_END
    axes = range(len(begin))
    bounds = (sketch.ints(*values) for values in (begin, end, axes, step))
    cut = sketch.node("Slice", sketch.read(layer), *bounds)
    return sketch.node("Squeeze", cut, sketch.ints(*squeezed)) if squeezed else cut


def mat_mul(sketch: Sketch, layer: Layer) -> str:
    """MatMul of a value and a constant.

    Raises:
        Misconfigured: the value itself would be transposed.
    """
    if layer.is_set("transpose_a"):
        raise Misconfigured(f"layer {layer.name} transposes a value that carries the batch")
    weights = sketch.known(layer, 1)
    turned = np.swapaxes(weights, -1, -2) if layer.is_set("transpose_b") else weights
    return sketch.node("MatMul", sketch.read(layer), sketch.constant(turned))


def reduce_sum(sketch: Sketch, layer: Layer) -> str:
    """ReduceSum over the axes at port 1, which opset 17 takes as an input."""
    axes = sketch.ints(*sketch.known_ints(layer, 1))
    return sketch.node(
        "ReduceSum", sketch.read(layer), axes, keepdims=int(layer.is_set("keep_dims"))
    )


KNOWN: Mapping[str, Callable[[Sketch, Layer], str]] = {
    **dict.fromkeys(BINARY, binary),
    **dict.fromkeys(UNARY, unary),
    "Concat": concat,
    "Convolution": convolution,
    "GroupConvolution": convolution,
    "MatMul": mat_mul,
    "MaxPool": max_pool,
    "PReLU": prelu,
    "ReduceSum": reduce_sum,
    "Reshape": reshape,
    "Squeeze": squeeze,
    "StridedSlice": strided_slice,
    "Unsqueeze": squeeze,
}


def _bit(layer: Layer, mask: str, axis: int) -> bool:
    bits = layer.ints(mask)
    return axis < len(bits) and bits[axis] == 1


def _pads(layer: Layer) -> list[int]:
    if layer.settings.get("auto_pad", "explicit") == "valid":
        return [0] * 4
    if layer.settings.get("auto_pad", "explicit") != "explicit":
        raise Misconfigured(f"layer {layer.name} pads by {layer.settings['auto_pad']}")
    return layer.ints("pads_begin") + layer.ints("pads_end")
