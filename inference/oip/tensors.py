"""How do tensors travel? Bytes in row-major order, little-endian, one row after another.

Nothing is computed here: a row of an input leaves as the bytes that came, without a copy when a
request holds a single row. An element of BYTES has four bytes of length before it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from rapt.errors import InvalidMessage
from rapt.oip import inference_pb2 as pb

Row = bytes | memoryview
"""One row of one tensor: its elements; for BYTES the one element itself, without its length."""

BYTES = "BYTES"
SIZES = {
    "BOOL": 1,
    "UINT8": 1,
    "UINT16": 2,
    "UINT32": 4,
    "UINT64": 8,
    "INT8": 1,
    "INT16": 2,
    "INT32": 4,
    "INT64": 8,
    "FP16": 2,
    "FP32": 4,
    "FP64": 8,
}
"""Bytes of an element by datatype."""

_CONTENTS = {
    "BOOL": ("bool_contents", "?"),
    "INT8": ("int_contents", "i1"),
    "INT16": ("int_contents", "<i2"),
    "INT32": ("int_contents", "<i4"),
    "INT64": ("int64_contents", "<i8"),
    "UINT8": ("uint_contents", "u1"),
    "UINT16": ("uint_contents", "<u2"),
    "UINT32": ("uint_contents", "<u4"),
    "UINT64": ("uint64_contents", "<u8"),
    "FP32": ("fp32_contents", "<f4"),
    "FP64": ("fp64_contents", "<f8"),
}
"""Field of typed contents, and numpy's word for its elements."""
_LENGTH_BYTES = 4


@dataclass(frozen=True, slots=True)
class TensorSpec:
    """One input or output of a model."""

    name: str
    datatype: str
    """A key of `SIZES`, or BYTES."""
    shape: tuple[int, ...]
    """Of one row, all known. A row of BYTES in an input is one element."""
    meaning: str = ""
    """For people: what it holds, with unit."""

    @property
    def row_bytes(self) -> int:
        """Bytes of one row; meaningless for BYTES."""
        return SIZES.get(self.datatype, 0) * math.prod(self.shape)


def rows_of(
    request: pb.ModelInferRequest, specs: Sequence[TensorSpec], *, most: int
) -> list[tuple[Row, ...]]:
    """Return what each row of a request brings, one entry per input, in the order of `specs`.

    Raises:
        InvalidMessage: an input is missing, unknown, of the wrong kind, shape or length.
    """
    if len(request.inputs) != len(specs):
        names = ", ".join(spec.name for spec in specs)
        raise InvalidMessage(f"{len(request.inputs)} inputs; the model takes {names}")
    raw = request.raw_input_contents
    if raw and len(raw) != len(specs):
        raise InvalidMessage(f"{len(raw)} raw_input_contents for {len(specs)} inputs")
    places = {tensor.name: index for index, tensor in enumerate(request.inputs)}
    columns = []
    for spec in specs:
        place = places.get(spec.name)
        if place is None:
            raise InvalidMessage(f"the input {spec.name} is missing")
        tensor = request.inputs[place]
        count = _rows(tensor, spec, most=most)
        values = raw[place] if raw else _values(tensor, spec, count)
        columns.append(_split(values, spec, count))
    if len({len(column) for column in columns}) > 1:
        raise InvalidMessage("the inputs hold different numbers of rows")
    return list(zip(*columns, strict=True))


def _rows(tensor: pb.ModelInferRequest.InferInputTensor, spec: TensorSpec, *, most: int) -> int:
    """Return how many rows the input holds, after a look at its kind and shape."""
    if tensor.datatype != spec.datatype:
        raise InvalidMessage(f"{spec.name} is {tensor.datatype[:16]!r}; send {spec.datatype}")
    shape = tuple(tensor.shape)
    if shape[1:] != spec.shape or not 1 <= shape[0] <= most:
        wanted = ", ".join(map(str, spec.shape))
        raise InvalidMessage(
            f"{spec.name} has the shape {list(shape)[:8]}; send [rows, {wanted}], 1 to {most} rows"
        )
    return shape[0]


def _values(tensor: pb.ModelInferRequest.InferInputTensor, spec: TensorSpec, count: int) -> bytes:
    """Return typed contents as they would have come raw."""
    contents = tensor.contents
    if spec.datatype == BYTES:
        texts = contents.bytes_contents
        if len(texts) != count:
            raise InvalidMessage(f"{spec.name} says {count} elements and holds {len(texts)}")
        return b"".join(map(element, texts))
    if spec.datatype not in _CONTENTS:
        raise InvalidMessage(
            f"send {spec.name} in raw_input_contents: {spec.datatype} has no field"
        )
    field, kind = _CONTENTS[spec.datatype]
    numbers = getattr(contents, field)
    if len(numbers) != count * math.prod(spec.shape):
        raise InvalidMessage(f"{spec.name} holds {len(numbers)} elements in {field}")
    try:
        return np.array(list(numbers), np.dtype(kind)).tobytes()
    except OverflowError as error:
        raise InvalidMessage(f"an element of {spec.name} does not fit {spec.datatype}") from error


def _split(values: bytes, spec: TensorSpec, count: int) -> Sequence[Row]:
    """Cut the bytes of an input into rows."""
    if spec.datatype == BYTES:
        return _elements(values, spec, count)
    size = spec.row_bytes
    if len(values) != count * size:
        raise InvalidMessage(
            f"{spec.name} holds {len(values)} bytes; its shape says {count * size}"
        )
    if count == 1:
        return (values,)
    view = memoryview(values)
    return [view[start : start + size] for start in range(0, len(values), size)]


def _elements(values: bytes, spec: TensorSpec, count: int) -> list[Row]:
    """Read elements that each have their length before them; a million would stop everyone."""
    view, elements, at = memoryview(values), list[Row](), 0
    while at + _LENGTH_BYTES <= len(values) and len(elements) < count:
        start = at + _LENGTH_BYTES
        at = start + int.from_bytes(view[at:start], "little")
        elements.append(view[start:at])
    if at != len(values) or len(elements) != count:
        raise InvalidMessage(
            f"{spec.name} says {count} elements; its {len(values)} bytes hold others: each has four"
            " bytes of length before it"
        )
    return elements


def element(value: bytes) -> bytes:
    """Return one element of BYTES as it travels."""
    return len(value).to_bytes(_LENGTH_BYTES, "little") + value
