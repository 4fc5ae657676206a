"""JPEG, PNG and WebP taken apart and put together again, without a look at what they show."""

import struct
import zlib
from collections.abc import Iterable, Sequence

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_MARKED, _SCAN = 0xFF, 0xDA
_ALONE = {0xD8, 0xD9, *range(0xD0, 0xD8)}
"""JPEG markers that no length follows."""

Chunk = tuple[bytes, bytes]
Segment = tuple[int, bytes]


def jpeg_segments(image: bytes) -> list[Segment]:
    """Return marker and body of each segment; what cannot be read is the last one's, raw."""
    found: list[Segment] = []
    at = 0
    while at + 4 <= len(image) and image[at] == _MARKED:
        marker = image[at + 1]
        if marker in _ALONE:
            found.append((marker, b""))
            at += 2
            continue
        length = int.from_bytes(image[at + 2 : at + 4], "big")
        end = at + 2 + max(length, 2)
        if marker == _SCAN:  # what follows is the scan
            while end + 1 < len(image) and not (image[end] == _MARKED and image[end + 1] != 0):
                end += 1
        found.append((marker, image[at + 4 : end]))
        at = end
    if at < len(image) or not found:
        found.append((0, image[at:]))
    return found


def jpeg_of(segments: Iterable[Segment]) -> bytes:
    """Put segments together; the length of a scan's header is kept as it was."""
    out = b""
    for marker, body in segments:
        if marker == 0:
            out += body
        elif marker in _ALONE:
            out += bytes([0xFF, marker])
        else:
            components = body[0] if marker == _SCAN and body else 0
            length = 6 + 2 * components if marker == _SCAN else min(len(body) + 2, 0xFFFF)
            out += bytes([0xFF, marker]) + struct.pack(">H", length & 0xFFFF) + body
    return out


def exif(orientation: int) -> bytes:
    """Return the segment by which a phone says how it was held."""
    entry = struct.pack(">HHIHH", 0x0112, 3, 1, orientation, 0)
    body = b"Exif\0\0MM\0*\0\0\0\x08" + struct.pack(">H", 1) + entry + bytes(4)
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body


def png_chunks(image: bytes) -> list[Chunk]:
    """Return kind and body of each whole chunk."""
    found: list[Chunk] = []
    at = len(PNG_SIGNATURE)
    while at + 12 <= len(image):
        length = int.from_bytes(image[at : at + 4], "big")
        if at + 12 + length > len(image):
            break
        found.append((image[at + 4 : at + 8], image[at + 8 : at + 8 + length]))
        at += 12 + length
    return found


def png_with(chunks: Sequence[Chunk]) -> bytes:
    """Put chunks together with the right checksums, and an end if there is none."""
    ends = chunks[-1][0] == b"IEND" if chunks else False
    whole = chunks if ends else [*chunks, (b"IEND", b"")]
    return PNG_SIGNATURE + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in whole
    )


def png_of(width: int, height: int, data: bytes, *, extra: Sequence[Chunk] = ()) -> bytes:
    """Return a PNG of eight-bit RGB that claims a size, whatever its data holds."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return png_with([(b"IHDR", header), *extra, (b"IDAT", data)])


def riff_chunks(image: bytes) -> list[Chunk]:
    """Return kind and body of each whole chunk of a WebP file."""
    found: list[Chunk] = []
    at = 12
    while at + 8 <= len(image):
        length = int.from_bytes(image[at + 4 : at + 8], "little")
        found.append((image[at : at + 4], image[at + 8 : at + 8 + length]))
        at += 8 + length + length % 2
    return found


def webp_of(chunks: Iterable[Chunk]) -> bytes:
    """Put chunks together with the right lengths."""
    body = b"".join(
        kind + struct.pack("<I", len(data)) + data + bytes(len(data) % 2) for kind, data in chunks
    )
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body
