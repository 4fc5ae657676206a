"""Every message, field and call of Triton's gRPC description, as JSON."""

import json
import sys
from typing import Any

from tritonclient.grpc import (  # type: ignore[import-not-found]  # of its own environment
    model_config_pb2,
    service_pb2,
)


def fields_of(message: Any, into: dict[str, Any]) -> None:
    """Write down a message and those inside it."""
    into[message.full_name] = {
        field.name: [
            field.number,
            field.type,
            bool(field.is_repeated),
            field.message_type.full_name if field.message_type else "",
            field.containing_oneof.name if field.containing_oneof else "",
        ]
        for field in message.fields
    }
    for inner in message.nested_types:
        fields_of(inner, into)


messages: dict[str, Any] = {}
enums: dict[str, Any] = {}
for file in (service_pb2.DESCRIPTOR, model_config_pb2.DESCRIPTOR):
    for message in file.message_types_by_name.values():
        fields_of(message, messages)
    for enum in file.enum_types_by_name.values():
        enums[enum.full_name] = {value.name: value.number for value in enum.values}
service = service_pb2.DESCRIPTOR.services_by_name["GRPCInferenceService"]
calls = {
    call.name: [
        call.input_type.full_name,
        bool(call.client_streaming),
        call.output_type.full_name,
        bool(call.server_streaming),
    ]
    for call in service.methods
}
sys.stdout.write(json.dumps({"messages": messages, "enums": enums, "calls": calls}))
