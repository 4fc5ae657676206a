"""Which operator is drawn how, and in which frame the graph stands?

The first axis of every input and output is named N and takes any batch. Output names keep what
the author called them, with ":" replaced. Two runs give the same bytes, so hashes can be pinned.
An operator without an entry is refused by name: a guess would be a wrong face.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

import numpy as np
import onnx
from rapt.errors import Misconfigured

from inference.models.convert import (
    arithmetic,
    custom,
    reductions,
    sampling,
    shapes,
    windows,
)
from inference.models.convert.flatbuffer import Operator, TfliteGraph, read_graph
from inference.models.convert.frame import Port, framed, named_output
from inference.models.convert.intake import from_bytes, scaled, widened
from inference.models.convert.layout import Drawing
from inference.models.manifest import Picture, Variant

Translate = Callable[[Drawing, Operator], None]

BUILT_IN: Mapping[str, Translate] = {
    **dict.fromkeys(arithmetic.BINARY, arithmetic.binary),
    **dict.fromkeys(arithmetic.UNARY, arithmetic.unary),
    "AVERAGE_POOL_2D": windows.average_pool,
    "CONCATENATION": shapes.concatenation,
    "CONV_2D": windows.convolution,
    "DENSIFY": arithmetic.widened,
    "DEPTHWISE_CONV_2D": windows.depthwise_convolution,
    "DEPTH_TO_SPACE": shapes.depth_to_space,
    "DEQUANTIZE": arithmetic.widened,
    "MAX_POOL_2D": windows.max_pool,
    "MEAN": reductions.mean,
    "PAD": shapes.pad,
    "PRELU": arithmetic.prelu,
    "RESHAPE": shapes.reshape,
    "RESIZE_BILINEAR": shapes.resize_bilinear,
    "RSQRT": arithmetic.reciprocal_root,
    "SQUARED_DIFFERENCE": arithmetic.squared_difference,
    "STRIDED_SLICE": shapes.strided_slice,
    "SUM": reductions.total,
    "TRANSPOSE": shapes.transpose,
}
CUSTOM: Mapping[str, Translate] = {
    "Landmarks2TransformMatrix": custom.landmarks_to_transform,
    "TransformLandmarks": custom.transform_landmarks,
    "TransformTensorBilinear": sampling.transform_bilinear,
}


def convert(data: bytes, *, variant: Variant = "plain", picture: Picture | None = None) -> bytes:
    """Turn a tflite file into an ONNX file.

    Args:
        data: the tflite file.
        variant: "plain" stays closest to the source; "cpu" is faster on ONNX Runtime's CPU
            provider, "gpu" on its CUDA provider; both differ in the last bits.
        picture: what the network wants; then the graph takes RGB bytes, for "cpu" in planes
            (N, 3, H, W), else (N, H, W, 3).

    Raises:
        Misconfigured: an operator, activation or number type is unknown; the message names it.
    """
    graph = read_graph(data)
    drawing = Drawing(graph, variant)
    entrances = _ports(graph, graph.inputs)
    if picture is not None:
        entrances = [_bytes_for(port, variant) for port in entrances]
    for tensor, port in zip(graph.inputs, entrances, strict=True):
        if picture is None:
            drawing.write(tensor, port.name)
        elif variant == "cpu":
            _take_planes(drawing, tensor, port.name, picture)
        else:
            drawing.write(tensor, from_bytes(drawing, port.name, picture), "NCHW")
    for operator in graph.operators:
        _translation(operator)(drawing, operator)
    for tensor in graph.outputs:
        named_output(drawing, drawing.read(tensor), _outer_name(graph, tensor))
    return framed(drawing, entrances, _ports(graph, graph.outputs))


def _take_planes(drawing: Drawing, tensor: int, name: str, picture: Picture) -> None:
    value = widened(drawing, name, picture)
    if picture.offset:
        drawing.write(tensor, scaled(drawing, value, picture), "NCHW")
    else:
        factors = np.full(drawing.shape(tensor)[-1], picture.scale, np.float32)
        drawing.write_scaled(tensor, value, factors)


def _bytes_for(port: Port, variant: Variant) -> Port:
    batch, height, width, colours = port.shape
    planes = (batch, colours, height, width)
    shape = planes if variant == "cpu" else port.shape
    return replace(port, shape=shape, dtype=onnx.TensorProto.UINT8)


def _translation(operator: Operator) -> Translate:
    table = CUSTOM if operator.is_custom else BUILT_IN
    if operator.kind not in table:
        kind = "custom operator" if operator.is_custom else "operator"
        raise Misconfigured(f"the converter does not know {kind} {operator.kind}")
    return table[operator.kind]


def _ports(graph: TfliteGraph, tensors: Iterable[int]) -> list[Port]:
    return [Port(_outer_name(graph, tensor), graph.tensors[tensor].shape) for tensor in tensors]


def _outer_name(graph: TfliteGraph, tensor: int) -> str:
    return graph.tensors[tensor].name.replace(":", "_")
