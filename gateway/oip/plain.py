"""A message as plain JSON, the way clients of the protocol expect it.

Names stay as they are, whole numbers stay numbers, enums are words, and what is zero or empty is
there, too; protobuf's own JSON does none of that.
"""

from typing import Any

from google.protobuf.message import Message

Field = Any  # protobuf has two types of field descriptors and exports one


def plain(message: Message) -> dict[str, Any]:
    """Return a message as dictionaries and lists."""
    fields = message.DESCRIPTOR.fields
    return {field.name: _value(message, field) for field in fields if _is_there(message, field)}


def _is_there(message: Message, field: Field) -> bool:
    is_single_message = field.message_type is not None and not field.is_repeated
    is_chosen = field.containing_oneof is None or message.HasField(field.name)
    return is_chosen and (not is_single_message or message.HasField(field.name))


def _value(message: Message, field: Field) -> Any:
    value = getattr(message, field.name)
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        return {key: _one(field.message_type.fields_by_name["value"], value[key]) for key in value}
    if field.is_repeated:
        return [_one(field, item) for item in value]
    return _one(field, value)


def _one(field: Field, value: Any) -> Any:
    if field.message_type is not None:
        return plain(value)
    if field.enum_type is not None:
        return field.enum_type.values_by_number[value].name
    return value
