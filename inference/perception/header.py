"""What a picture says about itself before anything of it is decoded.

Reads kind, width and height from the first bytes. Nothing here allocates by the size that a header
claims, so a bomb costs microseconds.
"""

import struct
from dataclasses import dataclass
from enum import Enum

import numpy as np
import simplejpeg  # type: ignore[import-untyped]  # ships no types

PRINTERS_COLOURS = ("CMYK", "YCCK")
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


class PictureKind(Enum):
    """File formats that a browser's canvas can make."""

    JPEG = "jpeg"
    PNG = "png"
    WEBP = "webp"


class NotAnImage(Exception):
    """The bytes are no JPEG, PNG or WebP, or are broken before their size is known."""


class Truncated(Exception):
    """The bytes begin like a picture and do not end like one."""


@dataclass(frozen=True, slots=True)
class Header:
    """Kind and size that a picture claims."""

    kind: PictureKind
    width: int
    height: int
    scans: int = 1
    """How often the decoder writes the whole picture: once, but for a progressive JPEG."""


def read_header(image: bytes) -> Header:
    """Read kind and size.

    Raises:
        NotAnImage: no known format.
        Truncated: a known format that ends too early for its size to be read.
    """
    if image.startswith(b"\xff\xd8"):
        return _jpeg_header(image)
    if image.startswith(PNG_SIGNATURE):
        return _png_header(image)
    if image[:4] == b"RIFF" and image[8:12] == b"WEBP":
        return _webp_header(image)
    raise NotAnImage("no JPEG, PNG or WebP signature")


def _jpeg_header(image: bytes) -> Header:
    try:
        height, width, colours, _ = simplejpeg.decode_jpeg_header(image)
    except ValueError as error:
        raise Truncated("the JPEG header is cut or broken") from error
    if colours in PRINTERS_COLOURS:
        raise NotAnImage("the JPEG has printer's colours; no camera makes that")
    return Header(PictureKind.JPEG, int(width), int(height), _scans(image))


def _scans(image: bytes) -> int:
    """How often 0xff 0xda stands there: each begins a scan, since inside of one 0xff is escaped.

    `bytes.count` takes seven times as long.
    """
    every = np.frombuffer(image, np.uint8)
    return int(np.count_nonzero((every[:-1] == 0xFF) & (every[1:] == 0xDA)))  # noqa: PLR2004 - the marker


def _png_header(image: bytes) -> Header:
    if len(image) < 33 or image[12:16] != b"IHDR":  # noqa: PLR2004 - signature and first chunk
        raise Truncated("the PNG header is cut or broken")
    width, height = struct.unpack(">II", image[16:24])
    return Header(PictureKind.PNG, width, height)


def _webp_header(image: bytes) -> Header:
    chunk = image[12:16]
    if len(image) < 30:  # noqa: PLR2004 - longest of the three headers
        raise Truncated("the WebP header is cut")
    if chunk == b"VP8X":
        width = int.from_bytes(image[24:27], "little") + 1
        height = int.from_bytes(image[27:30], "little") + 1
    elif chunk == b"VP8 ":
        width = int.from_bytes(image[26:28], "little") & 0x3FFF
        height = int.from_bytes(image[28:30], "little") & 0x3FFF
    elif chunk == b"VP8L":
        bits = int.from_bytes(image[21:25], "little")
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    else:
        raise NotAnImage("unknown WebP chunk")
    return Header(PictureKind.WEBP, width, height)
