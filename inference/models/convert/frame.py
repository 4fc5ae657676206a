"""In which frame does every graph stand that we write?

Opset 17, IR version 8; the first axis of every input and output is named N and takes any batch.
Two runs give the same bytes, so hashes can be pinned.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import onnx
from onnx import helper

from inference.models.convert.sheet import Sheet

OPSET = 17
IR_VERSION = 8


@dataclass(frozen=True, slots=True)
class Port:
    """One input or output of a graph."""

    name: str
    shape: tuple[int, ...]
    """As the source says; a leading 1 means the batch, and is the batch's axis left out as well."""
    dtype: int = onnx.TensorProto.FLOAT


def framed(sheet: Sheet, inputs: Sequence[Port], outputs: Sequence[Port]) -> bytes:
    """Return the checked ONNX file of everything that was drawn."""
    drawn = helper.make_graph(
        sheet.nodes,
        "rapt",
        [_value(port) for port in inputs],
        [_value(port) for port in outputs],
        sheet.constants,
    )
    model = helper.make_model(
        drawn, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="rapt"
    )
    model.ir_version = IR_VERSION
    onnx.checker.check_model(model)
    return model.SerializeToString(deterministic=True)


def named_output(sheet: Sheet, value: str, name: str) -> None:
    """Give a drawn value the name of an output."""
    sheet.nodes.append(helper.make_node("Identity", [value], [name], name))


def _value(port: Port) -> onnx.ValueInfoProto:
    rest = port.shape[1:] if port.shape[:1] == (1,) else port.shape
    return helper.make_tensor_value_info(port.name, port.dtype, ["N", *rest])
