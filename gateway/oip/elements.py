"""Elements of a tensor: from JSON to bytes and back, without a library of numbers.

Bytes are little-endian and row-major, as they travel to the workers; an element of BYTES has four
bytes of length before it. JSON knows no NaN: what is not a number becomes null.
"""

import math
import struct
from collections.abc import Iterator
from typing import Any

from rapt.errors import InvalidMessage

BYTES = "BYTES"
CODES = {
    "BOOL": "?",
    "UINT8": "B",
    "UINT16": "H",
    "UINT32": "I",
    "UINT64": "Q",
    "INT8": "b",
    "INT16": "h",
    "INT32": "i",
    "INT64": "q",
    "FP16": "e",
    "FP32": "f",
    "FP64": "d",
}
"""`struct`'s letter for each kind."""
MAX_ELEMENTS = 1_000_000
"""Of one tensor in JSON: longer ones come as bytes, which cost neither end anything."""
_LENGTH = struct.Struct("<I")

Value = bool | int | float | str | None


def to_bytes(data: Any, datatype: str, *, name: str) -> bytes:
    """Return the bytes of a tensor that came in JSON, nested or flat.

    Raises:
        InvalidMessage: an element is of the wrong kind, or does not fit.
    """
    values = list(_flat(data, name))
    if datatype == BYTES:
        return b"".join(_LENGTH.pack(len(text)) + text for text in map(_utf8, values))
    code = CODES.get(datatype)
    if code is None:
        raise InvalidMessage(f"{name}: the datatype {datatype[:16]!r} is not known in JSON")
    if not all(isinstance(value, bool | int | float) for value in values):
        raise InvalidMessage(f"{name}: an element is not a number")
    try:
        return struct.pack(f"<{len(values)}{code}", *values)
    except (struct.error, OverflowError) as error:
        raise InvalidMessage(f"{name}: an element does not fit {datatype}") from error


def from_bytes(raw: bytes, datatype: str) -> list[Value]:
    """Return the elements of a tensor for JSON, flat."""
    if datatype == BYTES:
        return [text.decode("utf-8", "replace") for text in _texts(raw)]
    code = CODES[datatype]
    count = len(raw) // struct.calcsize(code)
    values = struct.unpack(f"<{count}{code}", raw)
    return [None if isinstance(v, float) and not math.isfinite(v) else v for v in values]


def _flat(data: Any, name: str) -> Iterator[Value]:
    """Yield the elements of nested lists in order, however deep, up to a million."""
    waiting, count = [iter(data if isinstance(data, list) else [data])], 0
    while waiting:
        for item in waiting[-1]:
            if isinstance(item, list):
                waiting.append(iter(item))
                break
            count += 1
            if count > MAX_ELEMENTS:
                raise InvalidMessage(f"{name}: more than {MAX_ELEMENTS} elements; send bytes")
            yield item
        else:
            waiting.pop()


def _utf8(value: Value) -> bytes:
    if not isinstance(value, str):
        raise InvalidMessage("an element of BYTES in JSON is no text; send it as bytes")
    return value.encode("utf-8", "surrogatepass")


def _texts(raw: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(raw):
        (length,) = _LENGTH.unpack_from(raw, at)
        at += _LENGTH.size
        yield raw[at : at + length]
        at += length
