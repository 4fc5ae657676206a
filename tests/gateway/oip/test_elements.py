"""Elements between JSON and bytes: the round trip loses nothing, and wrong ones are refused."""

import math
import struct
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapt.errors import InvalidMessage

from gateway.oip.elements import CODES, MAX_ELEMENTS, from_bytes, to_bytes

KINDS = {
    "BOOL": "?",
    "UINT8": "u1",
    "UINT16": "<u2",
    "UINT32": "<u4",
    "UINT64": "<u8",
    "INT8": "i1",
    "INT16": "<i2",
    "INT32": "<i4",
    "INT64": "<i8",
    "FP16": "<f2",
    "FP32": "<f4",
    "FP64": "<f8",
}


@given(datatype=st.sampled_from(sorted(CODES)), count=st.integers(0, 12), data=st.data())
def test_numbers_come_back_as_they_were(datatype: str, count: int, data: st.DataObject) -> None:
    """And numpy reads the bytes the same way."""
    size = struct.calcsize(CODES[datatype])
    raw = data.draw(st.binary(min_size=size * count, max_size=size * count))
    if datatype == "BOOL":
        raw = bytes(byte % 2 for byte in raw)
    values = from_bytes(raw, datatype)
    expected = np.frombuffer(raw, KINDS[datatype])
    for value, number in zip(values, expected.tolist(), strict=True):
        is_finite = not isinstance(number, float) or math.isfinite(number)
        assert value == (number if is_finite else None)
    if None not in values:
        assert to_bytes(values, datatype, name="x") == raw


@given(texts=st.lists(st.text(), max_size=6))
def test_texts_come_back_as_they_were(texts: list[str]) -> None:
    """Whatever language they are in."""
    raw = to_bytes(texts, "BYTES", name="x")
    assert from_bytes(raw, "BYTES") == [t.encode("utf-8", "replace").decode() for t in texts]


def test_lists_may_be_nested() -> None:
    """Row-major, however deep."""
    assert to_bytes([[1, 2], [3, [4]]], "UINT8", name="x") == b"\1\2\3\4"
    deep: Any = 7
    for _ in range(50_000):
        deep = [deep]
    assert to_bytes(deep, "UINT8", name="x") == b"\7"


@pytest.mark.parametrize(
    ("data", "datatype"),
    [
        pytest.param([256], "UINT8", id="too large"),
        pytest.param([-1], "UINT64", id="negative"),
        pytest.param([2**70], "INT64", id="far too large"),
        pytest.param([1.5], "INT32", id="no whole number"),
        pytest.param([1e300], "FP32", id="too large for a float"),
        pytest.param([10**400], "FP64", id="too large for any float"),
        pytest.param(["1"], "INT32", id="text for a number"),
        pytest.param([None], "FP32", id="null"),
        pytest.param([{}], "FP32", id="an object"),
        pytest.param([1], "BYTES", id="a number for text"),
        pytest.param([1], "BF16", id="a kind that JSON lacks"),
        pytest.param([0] * (MAX_ELEMENTS + 1), "UINT8", id="too many"),
    ],
)
def test_an_element_that_does_not_fit_is_refused(data: list[Any], datatype: str) -> None:
    """By the name of its tensor where it has one."""
    with pytest.raises(InvalidMessage):
        to_bytes(data, datatype, name="x")
