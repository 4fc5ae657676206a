"""Bytes of a client become a message, or a sentence that says that they are none.

gRPC's own answer to bytes that cannot be parsed is a fault of the server and a traceback in its
log. They are the client's fault, so they come through as a value and are answered like any other
wrong request.
"""

from collections.abc import Callable
from typing import TypeVar

from google.protobuf.message import DecodeError, Message
from rapt.errors import InvalidMessage

MessageT = TypeVar("MessageT", bound=Message)


def reader(kind: type[MessageT]) -> Callable[[bytes], MessageT | InvalidMessage]:
    """Return what turns bytes into a message of this kind."""

    def read(data: bytes) -> MessageT | InvalidMessage:
        try:
            return kind.FromString(data)
        except DecodeError:
            name = kind.DESCRIPTOR.full_name
            return InvalidMessage(f"the {len(data)} bytes are no {name}")

    return read


def write(message: Message) -> bytes:
    """Return the bytes of a message."""
    return message.SerializeToString()
