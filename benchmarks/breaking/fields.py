"""Protobuf messages taken apart field by field, and one of the fields made a strange one.

Bytes that are flipped anywhere mostly make bytes that are no message, which a parser refuses. What
comes out of here is a message still, so it reaches the code behind the parser.
"""

import random
import struct
from collections.abc import Sequence

VARINT, EIGHT, LENGTH, FOUR = 0, 1, 2, 5
"""How a field travels."""
NUMBERS = (0, 1, 2, 127, 128, 1000, 2**31 - 1, 2**32 - 1, 2**53, 2**63 - 1, 2**63, 2**64 - 1)
REALS = (0.0, -0.0, 1.0, -1.0, 1e300, float("inf"), float("-inf"), float("nan"))
SMALL_REALS = (0.0, -1.0, 3e38, float("inf"), float("nan"))
MAX_DEPTH = 4

Field = tuple[int, int, bytes]
"""Its number, how it travels, and its value; of a varint its bytes."""


def fields_of(data: bytes) -> list[Field] | None:
    """Take a message apart; None where it is none."""
    found: list[Field] = []
    at = 0
    while at < len(data):
        tag, at = _read_varint(data, at)
        kind, begin = tag & 7, at
        if kind == VARINT:
            _, at = _read_varint(data, at)
        elif kind in {EIGHT, FOUR}:
            at += 8 if kind == EIGHT else 4
        elif kind == LENGTH:
            length, begin = _read_varint(data, at)
            at = begin + length
        else:
            return None
        if tag < 8 or at > len(data):  # noqa: PLR2004  # the three bits of `kind`
            return None
        found.append((tag >> 3, kind, data[begin:at]))
    return found


def message_of(fields: Sequence[Field]) -> bytes:
    """Put a message together."""
    return b"".join(
        varint(number << 3 | kind) + (varint(len(body)) if kind == LENGTH else b"") + body
        for number, kind, body in fields
    )


def varint(value: int) -> bytes:
    """Return a number as it travels."""
    out = bytearray()
    while value > 127:  # noqa: PLR2004  # seven bits a byte
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def with_a_strange_field(dice: random.Random, data: bytes, depth: int = 0) -> bytes:
    """Return the message with one field changed, doubled, moved or gone; what is none as it is."""
    found = fields_of(data)
    if not found:
        return data
    at = dice.randrange(len(found))
    match dice.randrange(8):
        case 0:
            del found[at]
        case 1:
            found.insert(dice.randrange(len(found) + 1), found[at])
        case _:
            number, kind, body = found[at]
            found[at] = (number, kind, _strange(dice, kind, body, depth))
    return message_of(found)


def _strange(dice: random.Random, kind: int, body: bytes, depth: int) -> bytes:
    if kind == VARINT:
        return varint(dice.choice((*NUMBERS, dice.getrandbits(dice.randrange(1, 65)))))
    if kind == EIGHT:
        return dice.choice((struct.pack("<d", dice.choice(REALS)), dice.randbytes(8)))
    if kind == FOUR:
        return dice.choice((struct.pack("<f", dice.choice(SMALL_REALS)), dice.randbytes(4)))
    if depth < MAX_DEPTH and fields_of(body) and dice.random() < 7 / 8:
        return with_a_strange_field(dice, body, depth + 1)
    return dice.choice((b"", body * 2, body[: len(body) // 2], dice.randbytes(len(body))))


def _read_varint(data: bytes, at: int) -> tuple[int, int]:
    """Return a number and where it ends; behind the end of the data where it does not."""
    value = 0
    for place, byte in enumerate(data[at : at + 10]):
        value |= (byte & 127) << 7 * place
        if byte < 128:  # noqa: PLR2004  # the last one's highest bit is not set
            return value, at + place + 1
    return 0, len(data) + 1
