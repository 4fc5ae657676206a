"""An inference request over HTTP, and its reply: JSON, and bytes behind it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapt.errors import InvalidMessage
from rapt.oip import inference_pb2 as pb

from gateway.oip.replies import answer_of
from gateway.oip.requests import Question, read_request


def read(body: bytes, json_bytes: str | None = None) -> Question:
    """Read a request to the model `m`."""
    return read_request(body, json_bytes=json_bytes, model="m", version="1")


def tensor(**changes: Any) -> dict[str, Any]:
    """Return an input of two bytes."""
    return {"name": "x", "shape": [1, 2], "datatype": "UINT8", "data": [[1, 2]]} | changes


def body_of(*inputs: dict[str, Any], **changes: Any) -> bytes:
    """Return the JSON of a request."""
    return json.dumps({"inputs": inputs or [tensor()], **changes}).encode()


def binary(size: int, **changes: Any) -> dict[str, Any]:
    """Return an input that comes as bytes."""
    one = tensor(parameters={"binary_data_size": size}, **changes)
    del one["data"]
    return one


def test_json_becomes_bytes_for_the_workers() -> None:
    """With id, parameters of every kind and the outputs that are wanted."""
    said = {"a": True, "b": -7, "c": 0.5, "d": "text", "e": 2**64 - 1}
    question = read(body_of(id="7", parameters=said, outputs=[{"name": "y"}, {"name": "z"}]))
    request = question.request
    assert (request.model_name, request.model_version, request.id) == ("m", "1", "7")
    assert list(request.raw_input_contents) == [b"\1\2"]
    assert [output.name for output in request.outputs] == ["y", "z"]
    kinds = {
        name: value.WhichOneof("parameter_choice") for name, value in request.parameters.items()
    }
    assert kinds == {
        "a": "bool_param",
        "b": "int64_param",
        "c": "double_param",
        "d": "string_param",
        "e": "uint64_param",
    }


def test_bytes_behind_the_json_belong_to_their_tensors_in_turn() -> None:
    """Mixed with tensors that come in JSON."""
    text = body_of(binary(3, name="a"), tensor(name="b"), binary(1, name="c"))
    question = read(text + b"AAAC", str(len(text)))
    assert list(question.request.raw_input_contents) == [b"AAA", b"\1\2", b"C"]


@pytest.mark.parametrize(
    ("body", "json_bytes"),
    [
        pytest.param(b"", None, id="nothing"),
        pytest.param(b"{", None, id="half"),
        pytest.param(b"[]", None, id="a list"),
        pytest.param(b"{}", None, id="no inputs"),
        pytest.param(b"\xff\xfe", None, id="no UTF-8"),
        pytest.param(b"[" * 200_000, None, id="very deep"),
        pytest.param(body_of(tensor(name="\ud800")), None, id="half a character"),
        pytest.param(body_of(tensor(shape=[2**70])), None, id="an impossible shape"),
        pytest.param(body_of(tensor(shape=[1.5])), None, id="half a row"),
        pytest.param(body_of(parameters={"a": 2**64}), None, id="a number too large"),
        pytest.param(body_of(parameters={"a": []}), None, id="a list for a value"),
        pytest.param(body_of() + b"rest", str(len(body_of())), id="bytes of nobody"),
        pytest.param(body_of(binary(5)), None, id="bytes that are not there"),
        pytest.param(body_of(binary(-1)), None, id="less than nothing"),
        pytest.param(body_of(), "-1", id="a negative length"),
        pytest.param(body_of(), "99999", id="a length past the end"),
        pytest.param(body_of(), "9" * 5000, id="an endless length"),
        pytest.param(body_of(), "٣", id="a length in other digits"),
    ],
)
def test_what_the_protocol_does_not_know_is_refused(body: bytes, json_bytes: str | None) -> None:
    """As the caller's fault, whatever it is."""
    with pytest.raises(InvalidMessage):
        read(body, json_bytes)


@given(body=st.binary(max_size=200), json_bytes=st.none() | st.text(max_size=6))
def test_any_bytes_are_a_request_or_refused(body: bytes, json_bytes: str | None) -> None:
    """And nothing else happens."""
    try:
        read(body, json_bytes)
    except InvalidMessage:
        return


def reply() -> pb.ModelInferResponse:
    """Return a reply of two outputs."""
    made = pb.ModelInferResponse(model_name="m", model_version="1", id="7")
    made.outputs.add(name="y", datatype="UINT8", shape=[1, 2])
    made.outputs.add(name="z", datatype="BYTES", shape=[1, 1])
    made.raw_output_contents.extend([b"\1\2", b"\5\0\0\0hello"])
    return made


def test_a_reply_is_json_unless_bytes_are_wanted() -> None:
    """Flat lists, as the protocol has them."""
    answer = answer_of(read(body_of()), reply())
    assert answer.json_bytes is None
    assert json.loads(answer.body) == {
        "model_name": "m",
        "model_version": "1",
        "id": "7",
        "outputs": [
            {"name": "y", "datatype": "UINT8", "shape": [1, 2], "data": [1, 2]},
            {"name": "z", "datatype": "BYTES", "shape": [1, 1], "data": ["hello"]},
        ],
    }


def test_single_outputs_or_all_come_as_bytes() -> None:
    """In the order in which the JSON names them."""
    wanted = [{"name": "y"}, {"name": "z", "parameters": {"binary_data": True}}]
    one = answer_of(read(body_of(outputs=wanted)), reply())
    assert one.body[one.json_bytes :] == b"\5\0\0\0hello"
    every = answer_of(read(body_of(parameters={"binary_data_output": True})), reply())
    assert every.body[every.json_bytes :] == b"\1\2\5\0\0\0hello"
    outputs = json.loads(every.body[: every.json_bytes])["outputs"]
    assert [output["parameters"]["binary_data_size"] for output in outputs] == [2, 9]
