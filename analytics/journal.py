"""Records, one after the other: length, checksum, number of rows, rows.

A record whose tail is missing was torn by a kill and never acknowledged. One that is all there and
does not fit its checksum was harmed later: it is skipped, and what follows it is still read.
"""

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO

import msgspec

from analytics.facts import Row

_HEAD = struct.Struct("<III")  # bytes of the rows, their checksum, their number

_decoder = msgspec.msgpack.Decoder(list[Row])


@dataclass(frozen=True, slots=True)
class Packed:
    """Checked rows, ready to be appended."""

    data: bytes
    rows: int


@dataclass(frozen=True, slots=True)
class Records:
    """What is whole in a piece of a journal, and what is not."""

    whole: tuple[Packed, ...]
    harmed: int
    """Records that are all there and do not fit their checksum."""
    torn_bytes: int
    """Size of what follows the last record."""

    @property
    def rows(self) -> int:
        """How many rows the whole records hold, as they say themselves."""
        return sum(part.rows for part in self.whole)


def joined(parts: Sequence[Packed]) -> bytes:
    """Return the records of these parts."""
    return b"".join(_HEAD.pack(len(p.data), zlib.crc32(p.data), p.rows) + p.data for p in parts)


def parted(plain: bytes) -> Records:
    """Return the records that these bytes hold."""
    whole: list[Packed] = []
    at = harmed = 0
    while at + _HEAD.size <= len(plain):
        size, checksum, rows = _HEAD.unpack_from(plain, at)
        data = plain[at + _HEAD.size : at + _HEAD.size + size]
        if len(data) != size:
            break
        if zlib.crc32(data) == checksum:
            whole.append(Packed(data, rows))
        else:
            harmed += 1
        at += _HEAD.size + size
    return Records(tuple(whole), harmed, len(plain) - at)


def decoded(part: Packed) -> list[Row] | None:
    """Return the rows of a record, None if they can not be read."""
    try:
        return _decoder.decode(part.data)
    except msgspec.DecodeError:
        return None


def unpacked(stored: bytes) -> bytes:
    """Return as much of a compressed file as can be read."""
    reader, plain = zlib.decompressobj(), bytearray()
    try:
        for at in range(0, len(stored), 4096):  # in pieces: an error gives nothing of its piece
            plain += reader.decompress(stored[at : at + 4096])
    except zlib.error:
        pass
    return bytes(plain)


def write_all(file: IO[bytes], data: bytes) -> None:
    """Write every byte: where there is little room, one write takes a part and says nothing."""
    left = memoryview(data)
    while left:
        left = left[file.write(left) :]
