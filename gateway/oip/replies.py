"""A worker's reply over HTTP: JSON, and behind it the bytes of those tensors that want them."""

from dataclasses import dataclass
from typing import Any

import msgspec
from rapt.oip import inference_pb2 as pb

from gateway.oip.elements import from_bytes
from gateway.oip.requests import BINARY_SIZE, Question

JSON = "application/json"
BINARY = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply as it goes out."""

    body: bytes
    json_bytes: int | None
    """Where the JSON ends; None when there is nothing else."""


def answer_of(question: Question, reply: pb.ModelInferResponse) -> Answer:
    """Return a reply in the form that was asked for."""
    outputs: list[dict[str, Any]] = []
    blobs: list[bytes] = []
    for tensor, raw in zip(reply.outputs, reply.raw_output_contents, strict=True):
        described: dict[str, Any] = {
            "name": tensor.name,
            "datatype": tensor.datatype,
            "shape": list(tensor.shape),
        }
        if question.is_binary(tensor.name):
            described["parameters"] = {BINARY_SIZE: len(raw)}
            blobs.append(raw)
        else:
            described["data"] = from_bytes(raw, tensor.datatype)
        outputs.append(described)
    said: dict[str, Any] = {
        "model_name": reply.model_name,
        "model_version": reply.model_version,
        "outputs": outputs,
    }
    if reply.id:
        said["id"] = reply.id
    text = msgspec.json.encode(said)
    if not blobs:
        return Answer(text, None)
    return Answer(b"".join([text, *blobs]), len(text))
