"""Small tflite files made by the tests, and what the tflite interpreter says about them."""

from collections.abc import Mapping, Sequence
from typing import Any

import flatbuffers  # type: ignore[import-untyped]  # has no annotations
import numpy as np
import numpy.typing as npt
import onnxruntime as ort  # type: ignore[import-untyped]  # has no annotations
from ai_edge_litert import schema_py_generated as schema  # type: ignore[import-untyped]  # the same
from ai_edge_litert.interpreter import (  # type: ignore[import-untyped]  # the same
    Interpreter,
    OpResolverType,
)
from flatbuffers import flexbuffers

from inference.models.convert.converter import convert
from inference.models.manifest import Variant

F32 = npt.NDArray[np.float32]

_TYPES = {
    "float32": schema.TensorType.FLOAT32,
    "float16": schema.TensorType.FLOAT16,
    "int32": schema.TensorType.INT32,
}


class Draft:
    """One tflite file while it is being made; tensors are known by number."""

    def __init__(self) -> None:
        self.graph = schema.SubGraphT()
        self.graph.tensors = []
        self.graph.operators = []
        self.model = schema.ModelT()
        self.model.version = 3
        self.model.subgraphs = [self.graph]
        self.model.operatorCodes = []
        self.model.buffers = [schema.BufferT()]

    def tensor(self, *shape: int, dtype: str = "float32") -> int:
        """Add a value that is computed or given."""
        tensor = schema.TensorT()
        tensor.name = f"t{len(self.graph.tensors)}".encode()
        tensor.shape = np.array(shape, np.int32)
        tensor.type = _TYPES[dtype]
        tensor.buffer = 0
        self.graph.tensors.append(tensor)
        return len(self.graph.tensors) - 1

    def constant(self, values: npt.NDArray[Any]) -> int:
        """Add a value that stands in the file."""
        number = self.tensor(*values.shape, dtype=values.dtype.name)
        buffer = schema.BufferT()
        buffer.data = np.frombuffer(values.tobytes(), np.uint8)
        self.model.buffers.append(buffer)
        self.graph.tensors[number].buffer = len(self.model.buffers) - 1
        return number

    def operator(
        self, kind: str, inputs: Sequence[int], output: int, options: object = None
    ) -> int:
        """Add a built-in operator; return its output."""
        number = getattr(schema.BuiltinOperator, kind)
        operator = self._operator(number, inputs, output)
        if options is not None:
            name = type(options).__name__.removesuffix("T")
            operator.builtinOptionsType = getattr(schema.BuiltinOptions, name)
            operator.builtinOptions = options
        return output

    def custom(
        self, name: str, inputs: Sequence[int], output: int, options: Mapping[str, Any]
    ) -> int:
        """Add a custom operator; return its output."""
        operator = self._operator(schema.BuiltinOperator.CUSTOM, inputs, output)
        self.model.operatorCodes[-1].customCode = name.encode()
        operator.customOptions = np.frombuffer(flexbuffers.Dumps(dict(options)), np.uint8)
        return output

    def finish(self, inputs: Sequence[int], outputs: Sequence[int]) -> bytes:
        """Return the file."""
        self.graph.inputs = np.array(inputs, np.int32)
        self.graph.outputs = np.array(outputs, np.int32)
        return packed(self.model)

    def _operator(self, number: int, inputs: Sequence[int], output: int) -> Any:
        code = schema.OperatorCodeT()
        code.builtinCode = number
        code.deprecatedBuiltinCode = min(number, 127)
        code.version = 1
        self.model.operatorCodes.append(code)
        operator = schema.OperatorT()
        operator.opcodeIndex = len(self.model.operatorCodes) - 1
        operator.inputs = np.array(inputs, np.int32)
        operator.outputs = np.array([output], np.int32)
        self.graph.operators.append(operator)
        return operator


def packed(model: Any) -> bytes:
    """Turn the library's (untyped) object form into a file."""
    builder = flatbuffers.Builder(1 << 16)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def options(name: str, **fields: object) -> object:
    """Make the options of an operator, like `options("AddOptions", ...)`."""
    table = getattr(schema, f"{name}T")()
    for field, value in fields.items():
        assert hasattr(table, field), field
        setattr(table, field, value)
    return table


class Reference:
    """The tflite interpreter, one run at a time, with plain kernels."""

    def __init__(self, data: bytes) -> None:
        self._interpreter = Interpreter(
            model_content=data,
            experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
        )
        self._interpreter.allocate_tensors()
        self._inputs = [detail["index"] for detail in self._interpreter.get_input_details()]
        self._outputs = [detail["index"] for detail in self._interpreter.get_output_details()]

    def run(self, *inputs: F32) -> list[F32]:
        """Run one example; each input has a batch of one."""
        for index, value in zip(self._inputs, inputs, strict=True):
            self._interpreter.set_tensor(index, value)
        self._interpreter.invoke()
        return [self._interpreter.get_tensor(index).copy() for index in self._outputs]


def run_onnx(graph: bytes | str, *inputs: F32 | npt.NDArray[np.uint8]) -> list[F32]:
    """Run a converted graph on a batch."""
    settings = ort.SessionOptions()
    settings.intra_op_num_threads = 1
    settings.log_severity_level = 3
    session = ort.InferenceSession(graph, settings, providers=["CPUExecutionProvider"])
    names = [value.name for value in session.get_inputs()]
    results: list[F32] = session.run(None, dict(zip(names, inputs, strict=True)))
    return results


def assert_same(
    data: bytes,
    *inputs: F32,
    variant: Variant = "plain",
    atol: float = 1e-5,
    batch_atol: float = 0,
) -> None:
    """Convert a file; its batch of N must answer what the interpreter says N times.

    Args:
        data: the tflite file.
        inputs: (N, ...) each; N > 1 so that a fixed batch shows.
        variant: which conversion.
        atol: largest difference of any value.
        batch_atol: largest difference of a batch from single runs; sums may be added up in
            another order.
    """
    graph = convert(data, variant=variant)
    reference = Reference(data)
    batch = run_onnx(graph, *inputs)
    for row in range(len(inputs[0])):
        example = [value[row : row + 1] for value in inputs]
        alone = run_onnx(graph, *example)
        for many, one, true in zip(batch, alone, reference.run(*example), strict=True):
            np.testing.assert_allclose(many[row : row + 1], one, rtol=0, atol=batch_atol)
            np.testing.assert_allclose(one.ravel(), true.ravel(), rtol=1e-5, atol=atol)
            assert one.size == true.size
