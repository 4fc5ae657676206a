"""Tensors into rows: nothing is lost, and nothing that is wrong gets through."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapt.errors import InvalidMessage
from rapt.oip import inference_pb2 as pb

from inference.oip.tensors import BYTES, SIZES, TensorSpec, element, rows_of

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
    "FP32": "<f4",
    "FP64": "<f8",
}
FIELDS = {
    "BOOL": "bool_contents",
    "UINT8": "uint_contents",
    "UINT16": "uint_contents",
    "UINT32": "uint_contents",
    "UINT64": "uint64_contents",
    "INT8": "int_contents",
    "INT16": "int_contents",
    "INT32": "int_contents",
    "INT64": "int64_contents",
    "FP32": "fp32_contents",
    "FP64": "fp64_contents",
}


def request_with(spec: TensorSpec, rows: int, raw: bytes | None) -> pb.ModelInferRequest:
    """Return a request that brings one tensor."""
    request = pb.ModelInferRequest()
    request.inputs.add(name=spec.name, datatype=spec.datatype, shape=[rows, *spec.shape])
    if raw is not None:
        request.raw_input_contents.append(raw)
    return request


@given(
    datatype=st.sampled_from(sorted(SIZES)),
    shape=st.lists(st.integers(1, 4), max_size=3),
    rows=st.integers(1, 5),
    data=st.data(),
)
def test_raw_bytes_are_cut_into_rows(
    datatype: str, shape: list[int], rows: int, data: st.DataObject
) -> None:
    """In order, each of its size."""
    spec = TensorSpec("x", datatype, tuple(shape))
    raw = data.draw(st.binary(min_size=rows * spec.row_bytes, max_size=rows * spec.row_bytes))
    found = rows_of(request_with(spec, rows, raw), [spec], most=5)
    assert b"".join(bytes(row) for (row,) in found) == raw
    assert len(found) == rows


@given(datatype=st.sampled_from(sorted(KINDS)), rows=st.integers(1, 3), data=st.data())
def test_typed_contents_are_the_same_as_raw(datatype: str, rows: int, data: st.DataObject) -> None:
    """Whatever field they come in."""
    spec, kind = TensorSpec("x", datatype, (2,)), np.dtype(KINDS[datatype])
    raw = data.draw(st.binary(min_size=rows * spec.row_bytes, max_size=rows * spec.row_bytes))
    values = np.frombuffer(raw, kind)
    if datatype == "BOOL":
        values = values.view("u1") % 2 == 1
    values = np.nan_to_num(values) if kind.kind == "f" else values
    request = request_with(spec, rows, None)
    getattr(request.inputs[0].contents, FIELDS[datatype]).extend(values.tolist())
    found = rows_of(request, [spec], most=3)
    assert b"".join(bytes(row) for (row,) in found) == values.tobytes()


@given(texts=st.lists(st.binary(max_size=20), min_size=1, max_size=4), typed=st.booleans())
def test_elements_of_bytes_lose_their_length(texts: list[bytes], *, typed: bool) -> None:
    """Raw and typed alike."""
    spec = TensorSpec("x", BYTES, (1,))
    request = request_with(spec, len(texts), None if typed else b"".join(map(element, texts)))
    if typed:
        request.inputs[0].contents.bytes_contents.extend(texts)
    assert [bytes(row) for (row,) in rows_of(request, [spec], most=4)] == texts


@given(raw=st.binary(max_size=40))
def test_any_bytes_for_bytes_are_elements_or_refused(raw: bytes) -> None:
    """Never more than there is."""
    spec = TensorSpec("x", BYTES, (1,))
    try:
        found = rows_of(request_with(spec, 2, raw), [spec], most=4)
    except InvalidMessage:
        return
    assert b"".join(element(bytes(row)) for (row,) in found) == raw


@pytest.mark.parametrize("is_typed", [True, False])
def test_elements_beyond_the_rows_are_not_even_read(*, is_typed: bool) -> None:
    """A million empty ones would stop everyone else for a second, and fill the memory."""
    spec, count = TensorSpec("x", BYTES, (1,)), 100_000
    request = request_with(spec, 1, None if is_typed else bytes(4 * count))
    if is_typed:
        request.inputs[0].contents.bytes_contents.extend([b""] * count)
    tracemalloc.start()
    try:
        with pytest.raises(InvalidMessage, match="says 1 elements"):
            rows_of(request, [spec], most=4)
        _, most_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most_bytes < 10 * count  # an object for each takes a hundred bytes more


SPEC = TensorSpec("x", "INT16", (2,))


@pytest.mark.parametrize(
    ("tensor", "raw", "word"),
    [
        pytest.param({"name": "y"}, b"1234", "missing", id="another name"),
        pytest.param({"datatype": "FP32"}, b"1234", "send INT16", id="another kind"),
        pytest.param({"shape": [1, 3]}, b"1234", "shape", id="another shape"),
        pytest.param({"shape": []}, b"1234", "shape", id="no shape"),
        pytest.param({"shape": [0, 2]}, b"", "shape", id="no rows"),
        pytest.param({"shape": [-1, 2]}, b"", "shape", id="minus one row"),
        pytest.param({"shape": [9, 2]}, b"1234" * 9, "1 to 8 rows", id="too many rows"),
        pytest.param({"shape": [2**40, 2]}, b"1234", "1 to 8 rows", id="a great many rows"),
        pytest.param({}, b"123", "3 bytes", id="too few bytes"),
    ],
)
def test_a_tensor_that_does_not_fit_is_refused(
    tensor: dict[str, object], raw: bytes, word: str
) -> None:
    """With a sentence that says what would."""
    request = pb.ModelInferRequest(raw_input_contents=[raw])
    request.inputs.add(**{"name": "x", "datatype": "INT16", "shape": [1, 2], **tensor})
    with pytest.raises(InvalidMessage, match=word):
        rows_of(request, [SPEC], most=8)


def test_a_typed_element_that_does_not_fit_is_refused() -> None:
    """70,000 is no INT16."""
    request = request_with(SPEC, 1, None)
    request.inputs[0].contents.int_contents.extend([70_000, 1])
    with pytest.raises(InvalidMessage, match="does not fit"):
        rows_of(request, [SPEC], most=8)


def test_several_inputs_are_found_by_name_and_hold_the_same_rows() -> None:
    """Whatever order they come in."""
    specs = [SPEC, TensorSpec("y", "UINT8", ())]
    request = pb.ModelInferRequest()
    request.inputs.add(name="y", datatype="UINT8", shape=[2])
    request.inputs.add(name="x", datatype="INT16", shape=[2, 2])
    request.raw_input_contents.extend([b"ab", b"12345678"])
    rows = [tuple(map(bytes, row)) for row in rows_of(request, specs, most=8)]
    assert rows == [(b"1234", b"a"), (b"5678", b"b")]
    request.inputs[0].shape[:] = [1]
    request.raw_input_contents[0] = b"a"
    with pytest.raises(InvalidMessage, match="different numbers"):
        rows_of(request, specs, most=8)
