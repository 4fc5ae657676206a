"""Which operator is drawn how, and in which frame the graph stands?

The first axis of every input and output is named N and takes any batch. Output names keep what
the author called them, with ":" replaced. Two runs give the same bytes, so hashes can be pinned.
An operator without an entry is refused by name: a guess would be a wrong face.
"""

from collections.abc import Callable, Mapping

import onnx
from onnx import helper
from rapt.errors import Misconfigured

from inference.models.convert import arithmetic, custom, shapes, windows
from inference.models.convert.flatbuffer import Operator, TfliteGraph, read_graph
from inference.models.convert.layout import Drawing
from inference.models.manifest import Variant

OPSET = 17
IR_VERSION = 8

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
    "PAD": shapes.pad,
    "PRELU": arithmetic.prelu,
    "RESHAPE": shapes.reshape,
    "RESIZE_BILINEAR": shapes.resize_bilinear,
    "STRIDED_SLICE": shapes.strided_slice,
}
CUSTOM: Mapping[str, Translate] = {
    "Landmarks2TransformMatrix": custom.landmarks_to_transform,
    "TransformLandmarks": custom.transform_landmarks,
    "TransformTensorBilinear": custom.transform_bilinear,
}


def convert(data: bytes, *, variant: Variant = "plain") -> bytes:
    """Turn a tflite file into an ONNX file.

    Args:
        data: the tflite file.
        variant: "plain" stays closest to the source; "cpu" is faster on ONNX Runtime's CPU
            provider and differs in the last bits.

    Raises:
        Misconfigured: an operator, activation or number type is unknown; the message names it.
    """
    graph = read_graph(data)
    is_for_cpu = variant == "cpu"
    drawing = Drawing(graph, rewrites_prelu=is_for_cpu, gathers_grid=is_for_cpu)
    for tensor in graph.inputs:
        drawing.write(tensor, _outer_name(graph, tensor))
    for operator in graph.operators:
        _translation(operator)(drawing, operator)
    model = _framed(drawing)
    onnx.checker.check_model(model)
    return model.SerializeToString(deterministic=True)


def _translation(operator: Operator) -> Translate:
    table = CUSTOM if operator.is_custom else BUILT_IN
    if operator.kind not in table:
        kind = "custom operator" if operator.is_custom else "operator"
        raise Misconfigured(f"the converter does not know {kind} {operator.kind}")
    return table[operator.kind]


def _framed(drawing: Drawing) -> onnx.ModelProto:
    graph = drawing.source
    for tensor in graph.outputs:
        name = _outer_name(graph, tensor)
        drawing.nodes.append(helper.make_node("Identity", [drawing.read(tensor)], [name], name))
    drawn = helper.make_graph(
        drawing.nodes,
        "rapt",
        [_outer(graph, tensor) for tensor in graph.inputs],
        [_outer(graph, tensor) for tensor in graph.outputs],
        drawing.constants,
    )
    model = helper.make_model(
        drawn, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="rapt"
    )
    model.ir_version = IR_VERSION
    return model


def _outer_name(graph: TfliteGraph, tensor: int) -> str:
    return graph.tensors[tensor].name.replace(":", "_")


def _outer(graph: TfliteGraph, tensor: int) -> onnx.ValueInfoProto:
    shape = graph.tensors[tensor].shape
    rest = shape[1:] if shape[:1] == (1,) else shape
    return helper.make_tensor_value_info(
        _outer_name(graph, tensor), onnx.TensorProto.FLOAT, ["N", *rest]
    )
