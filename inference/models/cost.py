"""How much work is one run of a graph: multiplications, and bytes that move?

For the share of a device's physical limit: with a batch of b, no device can be faster than
max(b * macs / multiplications per second, bytes(b) / memory bandwidth). What a provider fuses or
keeps in its cache moves fewer bytes than `moved_bytes` and never fewer than `least_bytes`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path

import numpy as np
import onnx
from onnx import helper, numpy_helper, shape_inference
from rapt.errors import Misconfigured

Sizes = Mapping[str, tuple[tuple[int, ...], int]]
"""Shape and bytes per element of a value."""

_FREE = frozenset({"Reshape", "Squeeze", "Unsqueeze", "Identity", "Flatten", "Shape"})
"""Operators that give the same bytes another shape."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Work of one graph."""

    macs: int
    """Multiply-accumulates of convolutions and matrix products for one example; a FLOP is half."""
    weight_bytes: int
    """Constants, read once a run whatever the batch."""
    boundary_bytes: int
    """Inputs and outputs of one example."""
    activation_bytes: int
    """What all operators read and write for one example if nothing is fused or cached."""

    def least_bytes(self, batch: int) -> int:
        """Bytes that must cross the memory bus in one run."""
        return self.weight_bytes + batch * self.boundary_bytes

    def moved_bytes(self, batch: int) -> int:
        """Bytes that cross it when every operator reads and writes memory."""
        return self.weight_bytes + batch * self.activation_bytes


def cost(graph: Path | bytes, *, size_px: int | None = None) -> Cost:
    """Count the work of an ONNX file for one example.

    Args:
        graph: the file, or its bytes.
        size_px: height and width of the picture where the graph leaves them open.

    Raises:
        Misconfigured: a shape stays unknown, so that the work does, too.
    """
    data = graph if isinstance(graph, bytes) else graph.read_bytes()
    model = _for_one(onnx.load_from_string(data), size_px)
    sizes = _sizes(model.graph)
    macs = moved = 0
    constants = {constant.name for constant in model.graph.initializer}
    for node in model.graph.node:
        if node.op_type in _MACS:
            macs += _MACS[node.op_type](node, _shapes(node, sizes))
        if node.op_type not in _FREE:
            touched = [name for name in (*node.input, *node.output) if name not in constants]
            moved += sum(_bytes(name, sizes) for name in touched if name)
    ends = [value.name for value in (*model.graph.input, *model.graph.output)]
    return Cost(
        macs=macs,
        weight_bytes=sum(_bytes(name, sizes) for name in constants),
        boundary_bytes=sum(_bytes(name, sizes) for name in ends),
        activation_bytes=moved,
    )


def _for_one(model: onnx.ModelProto, size_px: int | None) -> onnx.ModelProto:
    """Fix the free axes: one example, and the given size."""
    for value in model.graph.input:
        for axis, dim in enumerate(value.type.tensor_type.shape.dim):
            if not dim.HasField("dim_value"):
                dim.dim_value = 1 if axis == 0 else size_px or 0
    for value in model.graph.output:
        value.type.tensor_type.ClearField("shape")
    for node in [node for node in model.graph.node if node.op_type == "Range"]:
        model.graph.node.remove(node)  # our graphs count nothing but examples: here there is one
        model.graph.initializer.append(
            numpy_helper.from_array(np.zeros(1, np.int64), node.output[0])
        )
    return shape_inference.infer_shapes(model, data_prop=True)


def _sizes(graph: onnx.GraphProto) -> dict[str, tuple[tuple[int, ...], int]]:
    """Of every value whose shape is known."""
    sizes = {
        constant.name: (tuple(constant.dims), numpy_helper.to_array(constant).itemsize)
        for constant in graph.initializer
    }
    for value in (*graph.input, *graph.value_info, *graph.output):
        tensor = value.type.tensor_type
        item = helper.tensor_dtype_to_np_dtype(tensor.elem_type).itemsize
        if all(dim.dim_value for dim in tensor.shape.dim):
            sizes[value.name] = tuple(dim.dim_value for dim in tensor.shape.dim), item
    return sizes


def _shape(name: str, sizes: Sizes) -> tuple[int, ...]:
    if name not in sizes:
        raise Misconfigured(f"the shape of {name} is unknown")
    return sizes[name][0]


def _bytes(name: str, sizes: Sizes) -> int:
    return prod(_shape(name, sizes)) * sizes[name][1]


def _shapes(node: onnx.NodeProto, sizes: Sizes) -> tuple[tuple[int, ...], ...]:
    """Shapes of both factors and of the result."""
    return tuple(_shape(name, sizes) for name in (*node.input[:2], node.output[0]))


def _convolution(node: onnx.NodeProto, shapes: tuple[tuple[int, ...], ...]) -> int:
    """Each value of the result sums over the window and the channels of its group."""
    del node
    _, weights, result = shapes
    return prod(result) * prod(weights[1:])


def _product(node: onnx.NodeProto, shapes: tuple[tuple[int, ...], ...]) -> int:
    """Each value of the result sums over the shared axis."""
    left, _, result = shapes
    turned = {a.name: a.i for a in node.attribute}.get("transA", 0)
    return prod(result) * left[0 if turned else -1]


_MACS: Mapping[str, Callable[[onnx.NodeProto, tuple[tuple[int, ...], ...]], int]] = {
    "Conv": _convolution,
    "MatMul": _product,
    "Gemm": _product,
}
