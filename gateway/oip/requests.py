"""An inference request over HTTP: JSON, and behind it the bytes of those tensors that have them.

The header `Inference-Header-Content-Length` says where the JSON ends; without it all is JSON. A
tensor whose parameters hold `binary_data_size` takes so many bytes of what follows, in turn.
"""

from dataclasses import dataclass
from typing import Any

import msgspec
from rapt.errors import InvalidMessage
from rapt.oip import inference_pb2 as pb

from gateway.oip.elements import to_bytes

MAX_BODY_BYTES = 16 * 1024 * 1024
MAX_JSON_BYTES = 4 * 1024 * 1024
"""JSON is read while everyone waits; tensors of any size come as bytes."""
MAX_LISTS = 100_000
"""Of one tensor: a picture has one for each pixel at most."""
MAX_INT64, MIN_INT64, MAX_UINT64 = 2**63 - 1, -(2**63), 2**64 - 1
BINARY = "binary_data"
BINARY_SIZE = "binary_data_size"
ALL_BINARY = "binary_data_output"

Parameter = bool | int | float | str
Parameters = dict[str, Parameter]


class Input(msgspec.Struct, frozen=True):
    """A tensor that is brought."""

    name: str
    shape: list[int]
    datatype: str
    parameters: Parameters = {}
    data: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    """JSON of nested or flat lists; unset when it comes as bytes."""


class Output(msgspec.Struct, frozen=True):
    """A tensor that is wanted."""

    name: str
    parameters: Parameters = {}


class Body(msgspec.Struct, frozen=True):
    """The JSON of a request."""

    inputs: list[Input]
    id: str = ""
    parameters: Parameters = {}
    outputs: list[Output] = []


@dataclass(frozen=True, slots=True)
class Question:
    """A request as the workers take it, and how its reply is to look."""

    request: pb.ModelInferRequest
    binary: frozenset[str]
    """Outputs that are wanted as bytes."""
    is_all_binary: bool
    """Whether those that are not named are."""

    def is_binary(self, output: str) -> bool:
        """Return whether an output is wanted as bytes."""
        return output in self.binary or self.is_all_binary

    @property
    def sequence_id(self) -> int | str:
        """Which sequence it belongs to; 0 or empty = none."""
        said = self.request.parameters.get("sequence_id")
        if said is None:
            return 0
        choice = said.WhichOneof("parameter_choice")
        value = getattr(said, choice) if choice else 0
        return value if isinstance(value, int | str) else 0


def read_request(body: bytes, *, json_bytes: str | None, model: str, version: str) -> Question:
    """Read a request.

    Args:
        body: all of it.
        json_bytes: what `Inference-Header-Content-Length` says; None without it.
        model: name in the path.
        version: version in the path, or empty.

    Raises:
        InvalidMessage: it is not what the protocol describes.
    """
    length = len(body) if json_bytes is None else _length(json_bytes, len(body))
    if length > MAX_JSON_BYTES:
        raise InvalidMessage(f"JSON of more than {MAX_JSON_BYTES} bytes; send tensors as bytes")
    said: Body = _decoded(memoryview(body)[:length], Body)
    request = pb.ModelInferRequest(model_name=model, model_version=version, id=said.id)
    _add_parameters(request, said.parameters)
    at = length
    for tensor in said.inputs:
        raw, at = _raw(tensor, body, at)
        _add_input(request, tensor, raw)
    if at != len(body):
        raise InvalidMessage(f"{len(body) - at} bytes follow that belong to no input")
    for output in said.outputs:
        request.outputs.add(name=_text(output.name))
    return Question(
        request,
        frozenset(one.name for one in said.outputs if one.parameters.get(BINARY) is True),
        said.parameters.get(ALL_BINARY) is True,
    )


def _length(said: str, body_bytes: int) -> int:
    if not said.isdecimal() or len(said) > len(str(MAX_BODY_BYTES)) or int(said) > body_bytes:
        raise InvalidMessage("Inference-Header-Content-Length is no length within the body")
    return int(said)


def _raw(tensor: Input, body: bytes, at: int) -> tuple[bytes, int]:
    """Return a tensor's bytes, and where the next one's begin."""
    size = tensor.parameters.get(BINARY_SIZE)
    if size is None:
        if tensor.data is msgspec.UNSET:
            raise InvalidMessage(f"{tensor.name} has neither data nor {BINARY_SIZE}")
        return to_bytes(_read_data(tensor), tensor.datatype, name=tensor.name), at
    if isinstance(size, bool) or not isinstance(size, int) or not 0 <= size <= len(body) - at:
        raise InvalidMessage(f"{tensor.name}: {BINARY_SIZE} is more than what follows")
    return body[at : at + size], at + size


def _read_data(tensor: Input) -> Any:
    """Return the elements; a million empty lists would stop everyone for a second."""
    text = bytes(tensor.data) if isinstance(tensor.data, msgspec.Raw) else b""
    if text.count(b"[") > MAX_LISTS:
        raise InvalidMessage(f"{tensor.name}: more than {MAX_LISTS} lists; send bytes")
    return _decoded(text, Any)


def _decoded(text: bytes | memoryview, kind: Any) -> Any:
    try:
        return msgspec.json.decode(text, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidMessage(f"the JSON cannot be read: {error}") from error


def _add_input(request: pb.ModelInferRequest, tensor: Input, raw: bytes) -> None:
    if not all(MIN_INT64 <= axis <= MAX_INT64 for axis in tensor.shape):
        raise InvalidMessage(f"{tensor.name} has an impossible shape")
    request.inputs.add(name=_text(tensor.name), datatype=_text(tensor.datatype), shape=tensor.shape)
    request.raw_input_contents.append(raw)


def _add_parameters(request: pb.ModelInferRequest, said: Parameters) -> None:
    for name, value in said.items():
        if name == ALL_BINARY:
            continue
        parameter = request.parameters[_text(name)]
        if isinstance(value, bool):
            parameter.bool_param = value
        elif isinstance(value, int):
            if not MIN_INT64 <= value <= MAX_UINT64:
                raise InvalidMessage(f"the parameter {name[:64]} is too large")
            if value > MAX_INT64:
                parameter.uint64_param = value
            else:
                parameter.int64_param = value
        elif isinstance(value, float):
            parameter.double_param = value
        else:
            parameter.string_param = _text(value)


def _text(text: str) -> str:
    """Return text that a message can hold: JSON lets half a character through."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InvalidMessage("a name holds half a character") from error
    return text
