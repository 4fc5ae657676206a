"""Our description of the protocol and Triton's agree in every name and number that ours has."""

from collections.abc import Callable, Iterator
from typing import Any

from rapt.oip import inference_pb2 as pb

OFFERED = {
    "ServerLive",
    "ServerReady",
    "ModelReady",
    "ServerMetadata",
    "ModelMetadata",
    "ModelInfer",
    "ModelStreamInfer",
    "ModelConfig",
    "ModelStatistics",
    "RepositoryIndex",
}


def ours(messages: Any) -> Iterator[Any]:
    """Yield our messages and those inside them; protobuf's descriptors have two sets of types."""
    for message in messages:
        yield message
        yield from ours(message.nested_types)


def test_every_field_is_triton_s(seen_by: Callable[..., Any]) -> None:
    """Name, number, type, whether it repeats, and which choice it belongs to."""
    theirs = seen_by("tritonclient", "triton_messages.py")["messages"]
    every = list(ours(pb.DESCRIPTOR.message_types_by_name.values()))
    assert len(every) > 40
    for message in every:
        for field in message.fields:
            described = [
                field.number,
                field.type,
                bool(field.is_repeated),
                field.message_type.full_name if field.message_type else "",
                field.containing_oneof.name if field.containing_oneof else "",
            ]
            assert described == theirs[message.full_name][field.name], field.full_name


def test_every_call_is_triton_s(seen_by: Callable[..., Any]) -> None:
    """And none is missing that we mean to offer."""
    theirs = seen_by("tritonclient", "triton_messages.py")["calls"]
    service = pb.DESCRIPTOR.services_by_name["GRPCInferenceService"]
    assert {call.name for call in service.methods} == OFFERED
    for call in service.methods:
        described = [
            call.input_type.full_name,
            bool(call.client_streaming),
            call.output_type.full_name,
            bool(call.server_streaming),
        ]
        assert described == theirs[call.name], call.name


def test_every_word_of_an_enum_is_triton_s(seen_by: Callable[..., Any]) -> None:
    """With its number."""
    theirs = seen_by("tritonclient", "triton_messages.py")["enums"]
    for enum in pb.DESCRIPTOR.enum_types_by_name.values():
        described = {value.name: value.number for value in enum.values}
        assert described == theirs[enum.full_name]
