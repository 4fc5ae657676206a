"""What does a tflite file say? Its tensors, constants and operators as plain values.

Traps of the format:
1. An operator's code is the larger of two fields: the old one is an int8 and ends at 127.
2. A custom operator has a name instead of a code, and its options are a flexbuffer.
3. Weights are often float16; they are read as float32, which is exact.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import tflite  # type: ignore[import-untyped]  # generated schema without annotations
from flatbuffers import flexbuffers  # type: ignore[import-untyped]  # has no annotations
from rapt.errors import Misconfigured

from inference.models.convert.sparse import dense

Array = npt.NDArray[Any]  # constants come in several element types

_DTYPES = {
    tflite.TensorType.FLOAT32: np.float32,
    tflite.TensorType.FLOAT16: np.float16,
    tflite.TensorType.INT32: np.int32,
    tflite.TensorType.INT64: np.int64,
}
_CODES = {
    code: name for name, code in vars(tflite.BuiltinOperator).items() if isinstance(code, int)
}


@dataclass(frozen=True, slots=True)
class Tensor:
    """One named value of the graph."""

    name: str
    shape: tuple[int, ...]
    """As the file says, so the first axis is 1 where it means the batch."""
    constant: Array | None
    """Its value when the file holds it; float16 already widened."""


@dataclass(frozen=True, slots=True)
class Operator:
    """One step of the graph."""

    kind: str
    """Built-in name like "CONV_2D", or the custom operator's own name."""
    is_custom: bool
    inputs: tuple[int, ...]
    """Tensor numbers; -1 stands for an input that is left out."""
    outputs: tuple[int, ...]
    raw: Any
    """The flatbuffer object (untyped by its library); read it with `options`."""

    def options(self, table: type) -> Any:
        """Read the built-in options; the result is the library's untyped accessor."""
        options = table()
        union = self.raw.BuiltinOptions()
        options.Init(union.Bytes, union.Pos)
        return options

    def custom_options(self) -> Mapping[str, Any]:
        """Read the custom options: names and values as the model's author wrote them."""
        if not self.raw.CustomOptionsLength():
            return {}
        options: Mapping[str, Any] = flexbuffers.Loads(bytes(self.raw.CustomOptionsAsNumpy()))
        return options


@dataclass(frozen=True, slots=True)
class TfliteGraph:
    """The first subgraph of a file."""

    tensors: tuple[Tensor, ...]
    operators: tuple[Operator, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


def read_graph(data: bytes) -> TfliteGraph:
    """Read a tflite file.

    Raises:
        Misconfigured: the file is not tflite, or holds a type of number that we do not know.
    """
    if data[4:8] != b"TFL3":
        raise Misconfigured("this is not a tflite file")
    model = tflite.Model.GetRootAsModel(data, 0)
    graph = model.Subgraphs(0)
    return TfliteGraph(
        tensors=tuple(_tensor(model, graph.Tensors(i)) for i in range(graph.TensorsLength())),
        operators=tuple(
            _operator(model, graph.Operators(i)) for i in range(graph.OperatorsLength())
        ),
        inputs=tuple(int(i) for i in graph.InputsAsNumpy()),
        outputs=tuple(int(i) for i in graph.OutputsAsNumpy()),
    )


def _tensor(model: Any, tensor: Any) -> Tensor:
    name = tensor.Name().decode()
    shape = tuple(int(n) for n in tensor.ShapeAsNumpy()) if tensor.ShapeLength() else ()
    buffer = model.Buffers(tensor.Buffer())
    if not buffer.DataLength():
        return Tensor(name, shape, None)
    if tensor.Type() not in _DTYPES:
        raise Misconfigured(f"constant {name} has number type {tensor.Type()}, which is unknown")
    values: Array = np.frombuffer(buffer.DataAsNumpy().tobytes(), _DTYPES[tensor.Type()])
    sparsity = tensor.Sparsity()
    value = values.reshape(shape) if sparsity is None else dense(values, sparsity, shape)
    return Tensor(name, shape, value.astype(np.float32) if value.dtype == np.float16 else value)


def _operator(model: Any, operator: Any) -> Operator:
    code = model.OperatorCodes(operator.OpcodeIndex())
    kind = _CODES[max(code.BuiltinCode(), code.DeprecatedBuiltinCode())]
    is_custom = kind == "CUSTOM"
    return Operator(
        kind=code.CustomCode().decode() if is_custom else kind,
        is_custom=is_custom,
        inputs=tuple(int(i) for i in operator.InputsAsNumpy()),
        outputs=tuple(int(i) for i in operator.OutputsAsNumpy()),
        raw=operator,
    )
