"""How does an ONNX file of somebody else come to take what our graphs take?

The file has one picture as input, a batch of one, and wants its values scaled by the caller. Ours
has a free batch and scales in the graph. What the file computes behind the output that we want is
left away.
"""

from collections.abc import Iterator

import onnx
from onnx import version_converter
from rapt.errors import Misconfigured

from inference.models.convert.frame import OPSET, Port, framed
from inference.models.convert.intake import from_bytes, scaled
from inference.models.convert.sheet import Sheet
from inference.models.manifest import Picture, Variant

_FIXES_BATCH = frozenset({"Reshape", "Expand", "Tile", "ConstantOfShape"})
"""Operators that may hold the batch of one in a constant."""


def adopt(data: bytes, *, output: str, picture: Picture, variant: Variant = "cpu") -> bytes:
    """Return the same network in our frame.

    Args:
        data: the ONNX file; its input is (1, C, H, W).
        output: name of the value that is wanted, (1, ...).
        picture: what the network wants; ours takes 0..255.
        variant: "gpu" takes RGB bytes (N, H, W, C), the others floats (N, C, H, W) in the
            network's own order of colours.

    Raises:
        Misconfigured: it is no such file; the message says why.
    """
    try:
        model = version_converter.convert_version(onnx.load_from_string(data), OPSET)
    except Exception as error:  # the library raises whatever its parsers raise
        raise Misconfigured(f"this is no ONNX file that we can read: {error}") from error
    entrance = _entrance(model.graph)
    nodes = list(reversed(list(_behind(model.graph, output))))
    sheet = Sheet()
    shape = tuple(dim.dim_value for dim in entrance.type.tensor_type.shape.dim)
    port = Port(entrance.name, shape)
    value = scaled(sheet, port.name, picture)
    if variant == "gpu":
        sheet = Sheet()
        port = Port(port.name, (1, *shape[2:], shape[1]), onnx.TensorProto.UINT8)
        value = from_bytes(sheet, port.name, picture)
    for node in nodes:
        node.input[:] = [value if name == port.name else name for name in node.input]
    sheet.nodes.extend(nodes)
    used = {name for node in nodes for name in node.input}
    sheet.constants.extend(c for c in model.graph.initializer if c.name in used)
    return framed(sheet, [port], [Port(output, _shape_of(model, output))])


def _entrance(graph: onnx.GraphProto) -> onnx.ValueInfoProto:
    constants = {constant.name for constant in graph.initializer}
    pictures = [value for value in graph.input if value.name not in constants]
    if len(pictures) != 1:
        raise Misconfigured(f"this file has {len(pictures)} inputs and not one")
    return pictures[0]


def _behind(graph: onnx.GraphProto, output: str) -> Iterator[onnx.NodeProto]:
    """The nodes that the output hangs on, the last one first."""
    wanted, is_there = {output}, False
    for node in reversed(graph.node):
        if wanted.isdisjoint(node.output):
            continue
        if node.op_type in _FIXES_BATCH:
            raise Misconfigured(f"this file fixes its batch in an operator {node.op_type}")
        is_there = is_there or output in node.output
        wanted.update(node.input)
        yield node
    if not is_there:
        raise Misconfigured(f"this file has no value called {output}")


def _shape_of(model: onnx.ModelProto, output: str) -> tuple[int, ...]:
    inferred = onnx.shape_inference.infer_shapes(model).graph
    for value in (*inferred.output, *inferred.value_info):
        if value.name == output:
            return tuple(dim.dim_value for dim in value.type.tensor_type.shape.dim)
    raise Misconfigured(f"the shape of {output} is unknown")
