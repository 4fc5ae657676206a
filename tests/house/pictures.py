"""Finds pictures in bytes: in files, logs, dumps and database values, also when they are encoded.

A signature alone is three bytes that any large file holds by accident, so each find must also
have the structure that follows it: a JPEG its segments up to the scan with a frame header among
them, a PNG its header chunk, a WebP a length and a known kind of chunk.
"""

import mmap
import os
import re
import struct
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

SIGNATURES = re.compile(  # a find takes little, so that it hides none that begins inside it
    rb"\xff\xd8(?=\xff)|\x89(?=PNG\r\n\x1a\n)|R(?=IFF....WEBP)", re.DOTALL
)
ENCODED = re.compile(
    rb"/9j/[0-9A-Za-z+/]{64}"  # base64 of a JPEG
    rb"|iVBORw0KGgo[0-9A-Za-z+/]{16}"  # base64 of a PNG
    rb"|UklGR[0-9A-Za-z+/]{6}XRUJQ"  # base64 of a WebP
    rb"|\\+xff\\+xd8\\+xff\\+x(?:e0|e1|db)"  # a JPEG as Python shows bytes
    rb"|(?i:ffd8ff(?:e0|e1|db)[0-9a-f]{32})"  # a JPEG in hexadecimal
)
FRAME_HEADERS = frozenset({0xC0, 0xC1, 0xC2})  # baseline, extended, progressive
START_OF_SCAN = 0xDA
WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD8)})
PNG_COLOURS = frozenset({0, 2, 3, 4, 6})
MAX_SEGMENTS = 200


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture where there should be none."""

    where: str
    offset: int
    kind: str


def pictures_in(data: bytes | mmap.mmap, where: str) -> Iterator[Picture]:
    """Yield every picture in the bytes."""
    for match in SIGNATURES.finditer(data):
        offset = match.start()
        kind = {0xFF: "jpeg", 0x89: "png"}.get(data[offset], "webp")
        if LOOKS[kind](data, offset):
            yield Picture(where, offset, kind)
    for match in ENCODED.finditer(data):
        yield Picture(where, match.start(), "encoded")


def pictures_under(folder: Path, *, besides: frozenset[str] = frozenset()) -> list[Picture]:
    """Return every picture in the files below a folder.

    Args:
        folder: where to look.
        besides: names of subfolders to leave out.
    """
    found: list[Picture] = []
    every = (Path(where) / name for where, _, names in os.walk(folder) for name in names)
    for path in sorted(every):
        left_out = besides & set(path.relative_to(folder).parts)
        if left_out or path.is_symlink() or not path.is_file():
            continue
        # A service may remove files and folders while we look: what they held is kept no more.
        with suppress(FileNotFoundError), path.open("rb") as file:
            if os.fstat(file.fileno()).st_size == 0:
                continue
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
                found += pictures_in(data, str(path))
    return found


def looks_like_jpeg(data: bytes | mmap.mmap, offset: int) -> bool:
    """Follow the segments from the signature to the scan."""
    place = offset + 2
    has_frame = False
    for _ in range(MAX_SEGMENTS):
        if place + 4 > len(data) or data[place] != 0xFF:
            return False
        marker = data[place + 1]
        if marker == 0xFF:  # fill byte
            place += 1
            continue
        if marker == START_OF_SCAN:
            return has_frame
        if marker in WITHOUT_LENGTH:
            place += 2
            continue
        length = int.from_bytes(data[place + 2 : place + 4], "big")
        if length < 2 or marker < 0xC0:
            return False
        has_frame = has_frame or (marker in FRAME_HEADERS and length >= 11)
        place += 2 + length
    return False


def looks_like_png(data: bytes | mmap.mmap, offset: int) -> bool:
    """A PNG opens with a header chunk of 13 bytes: width, height, depth, kind of colour."""
    if data[offset + 8 : offset + 16] != b"\0\0\0\rIHDR":
        return False
    width_px, height_px, depth_bits, colour = struct.unpack(
        ">IIBB", data[offset + 16 : offset + 26].ljust(10, b"\0")
    )
    return bool(width_px and height_px) and depth_bits in {1, 2, 4, 8, 16} and colour in PNG_COLOURS


def looks_like_webp(data: bytes | mmap.mmap, offset: int) -> bool:
    """A WebP says its length, then one of three kinds of chunk, each with a mark of its own."""
    kind = data[offset + 12 : offset + 16]
    length = int.from_bytes(data[offset + 4 : offset + 8], "little")
    chunk_length = int.from_bytes(data[offset + 16 : offset + 20], "little")
    body = data[offset + 20 : offset + 30]
    marks = {
        b"VP8 ": body[3:6] == b"\x9d\x01\x2a",
        b"VP8L": body[:1] == b"\x2f",
        b"VP8X": chunk_length == 10,
    }
    return marks.get(kind, False) and 0 < chunk_length < length


LOOKS = {"jpeg": looks_like_jpeg, "png": looks_like_png, "webp": looks_like_webp}
