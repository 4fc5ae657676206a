"""The parts of a PNG or WebP that make one still picture; nothing else reaches a decoder.

Decoders know far more than a camera sends: animations, profiles, comments, thumbnails. OpenCV
5.0 ends the process over a damaged animated PNG. So a file is taken apart here, checksums and
lengths are checked, and what is handed on holds the picture alone.
"""

import zlib

from inference.perception.header import PNG_SIGNATURE, NotAnImage, PictureKind, Truncated

_PNG_PARTS = {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"}
_PNG_MOVES = {b"acTL", b"fcTL", b"fdAT"}
_WEBP_PICTURES = {b"VP8 ", b"VP8L"}
_WEBP_PARTS = {b"VP8X", b"ALPH", *_WEBP_PICTURES}
_WEBP_MOVES = {b"ANIM", b"ANMF"}
_HAS_ALPHA = 0x10
"""The only flag of an extended WebP that changes a still picture."""
_CRITICAL = 0x20
"""A PNG chunk whose first letter lacks this bit must not be passed over."""


def still_of(image: bytes, kind: PictureKind) -> bytes:
    """Return the file with one picture in it, and nothing besides.

    A JPEG is returned as it is: its decoder is strict and passes over what it need not know.

    Raises:
        NotAnImage: it moves, or has a part that nobody knows.
        Truncated: the end is missing, or a part is damaged or out of place.
    """
    if kind is PictureKind.PNG:
        return _png(image)
    if kind is PictureKind.WEBP:
        return _webp(image)
    return image


def _png(image: bytes) -> bytes:
    at = len(PNG_SIGNATURE)
    view, parts = memoryview(image), [memoryview(PNG_SIGNATURE)]
    while at + 12 <= len(image):
        end = at + 12 + int.from_bytes(view[at : at + 4], "big")
        if end > len(image):
            break
        name = image[at + 4 : at + 8]
        if zlib.crc32(view[at + 4 : end - 4]) != int.from_bytes(view[end - 4 : end], "big"):
            raise Truncated("a PNG chunk is damaged")
        _check_chunk(name, is_first=len(parts) == 1)
        if name in _PNG_PARTS:
            parts.append(view[at:end])
        if name == b"IEND":
            return b"".join(parts)
        at = end
    raise Truncated("the PNG has no end chunk")


def _check_chunk(name: bytes, *, is_first: bool) -> None:
    if (name == b"IHDR") != is_first:
        raise Truncated("a PNG chunk is out of place")
    if name in _PNG_MOVES:
        raise NotAnImage("the PNG is an animation; send one picture")
    if name not in _PNG_PARTS and not name[0] & _CRITICAL:
        raise NotAnImage("the PNG has a part that is not known")


def _webp(image: bytes) -> bytes:
    if int.from_bytes(image[4:8], "little") + 8 > len(image):
        raise Truncated("the WebP file is shorter than it says")
    at, view, parts = 12, memoryview(image), [b""]
    while at + 8 <= len(image):
        name = image[at : at + 4]
        length = int.from_bytes(view[at + 4 : at + 8], "little")
        end = at + 8 + length + length % 2
        if name in _WEBP_MOVES:
            raise NotAnImage("the WebP is an animation; send one picture")
        if at + 8 + length > len(image):
            break
        if name in _WEBP_PARTS:
            part = bytearray(image[at:end].ljust(end - at, b"\0"))
            if name == b"VP8X":
                part[8:9] = bytes([part[8] & _HAS_ALPHA]) if length else b""
            parts.append(bytes(part))
        if name in _WEBP_PICTURES:
            body = b"WEBP" + b"".join(parts)
            return b"RIFF" + len(body).to_bytes(4, "little") + body
        at = end
    raise Truncated("the WebP has no picture, or not all of it")
