"""Pictures of every kind that a decoder may meet, whole and damaged. The same dice, the same bytes.

Damage follows the format where it can, so that it passes the outer checks and reaches the decoder:
PNG chunks get their checksum back, WebP chunks their lengths, JPEG segments keep their markers.
"""

import random
import struct
import zlib
from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt
from rapt.limits import MAX_FRAME_BYTES

from benchmarks.breaking.formats import (
    exif,
    jpeg_of,
    jpeg_segments,
    png_chunks,
    png_of,
    png_with,
    riff_chunks,
    webp_of,
)

U8 = npt.NDArray[np.uint8]

SCENE: U8 = np.fromfunction(lambda y, x, c: y * 2 + x + 40 * c, (72, 96, 3)).astype(np.uint8)
SIZES = (0, 1, 2, 7, 255, 2000, 8192, 16_383, 16_384, 32_767, 65_535, 2**31 - 1, 2**32 - 1)
JPEG_MARKERS = (0xC0, 0xC1, 0xC2, 0xC3, 0xC4, 0xC9, 0xCA, 0xDA, 0xDB, 0xDD, 0xD9, 0xE0, 0xE1, 0xEE)
PNG_KINDS = (b"PLTE", b"tRNS", b"acTL", b"fcTL", b"fdAT", b"iCCP", b"zTXt", b"eXIf", b"sBIT")
WEBP_KINDS = (b"VP8X", b"ANIM", b"ANMF", b"ALPH", b"ICCP", b"EXIF", b"VP8 ", b"VP8L")
_SIZED = range(0xC0, 0xD0)
"""JPEG markers whose segment begins with depth, height, width and components."""
_SIZE_BYTES, _HEADER_BYTES = 6, 13
"""Of such a segment at least, and of a PNG's first chunk."""
BOMB = zlib.compress(bytes(64 * 1024 * 1024), 9)
"""64 MB in 64 kB."""


def _encoded(suffix: str, picture: npt.NDArray[np.uint8 | np.uint16], *options: int) -> bytes:
    return bytes(cv2.imencode(suffix, picture, options)[1].tobytes())


def samples() -> list[bytes]:
    """Return whole pictures: depths, colours, progressive, interlaced, turned, animated, bombs."""
    deep = ((SCENE.astype(np.uint16) << 8) | 77).astype(np.uint16)
    glass = np.dstack([SCENE, SCENE[..., 0]])
    noise = np.random.default_rng(7).integers(0, 256, (64, 64, 3), np.uint8)
    jpeg, png = _encoded(".jpg", SCENE), _encoded(".png", SCENE)
    webp = _encoded(".webp", SCENE, cv2.IMWRITE_WEBP_QUALITY, 80)
    vp8 = next(chunk for chunk in riff_chunks(webp) if chunk[0] == b"VP8 ")
    return [
        jpeg,
        _encoded(".jpg", SCENE, cv2.IMWRITE_JPEG_PROGRESSIVE, 1),
        _encoded(".jpg", SCENE, cv2.IMWRITE_JPEG_RST_INTERVAL, 2),
        _encoded(".jpg", SCENE, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, 0x411111),
        _encoded(".jpg", SCENE[..., 0]),
        _encoded(".jpg", noise, cv2.IMWRITE_JPEG_QUALITY, 100),
        *(jpeg[:2] + exif(turn) + jpeg[2:] for turn in (3, 6, 8, 99)),
        _printed(jpeg),
        png,
        _encoded(".png", deep),
        _encoded(".png", glass),
        _encoded(".png", SCENE[..., 0]),
        _encoded(".png", SCENE[..., 0], cv2.IMWRITE_PNG_BILEVEL, 1),
        _animated(png),
        png_of(2000, 2000, zlib.compress(bytes(2000 * 6001), 9)),
        png_of(20_000, 20_000, BOMB),
        png_of(96, 72, zlib.compress(bytes(72 * 289)), extra=[(b"zTXt", b"a\0\0" + BOMB)]),
        png_of(96, 72, zlib.compress(bytes(72 * 289)), extra=[(b"iCCP", b"a\0\0" + BOMB)]),
        webp,
        _encoded(".webp", glass, cv2.IMWRITE_WEBP_QUALITY, 101),
        _encoded(".webp", glass, cv2.IMWRITE_WEBP_QUALITY, 50),
        webp_of([_canvas(96, 72, 0x02), (b"ANIM", bytes(6)), *[_shown(vp8)] * 40]),
    ]


def _printed(jpeg: bytes) -> bytes:
    """Return a JPEG that says it has the colours of a printer."""
    return jpeg[:2] + b"\xff\xee\x00\x0eAdobe\0d\0\0\0\0\x02" + jpeg[2:]


def _animated(png: bytes) -> bytes:
    """Return a PNG that says it moves, a thousand times."""
    chunks = png_chunks(png)
    data = next(body for kind, body in chunks if kind == b"IDAT")
    control = struct.pack(">IIIIIHHBB", 0, 96, 72, 0, 0, 1, 10, 0, 0)
    frames = [(b"fcTL", control), (b"fdAT", struct.pack(">I", 1) + data)] * 3
    return png_with([chunks[0], (b"acTL", struct.pack(">II", 1000, 0)), *chunks[1:-1], *frames])


def _canvas(width: int, height: int, flags: int) -> tuple[bytes, bytes]:
    sizes = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return b"VP8X", bytes([flags, 0, 0, 0]) + sizes


def _shown(vp8: tuple[bytes, bytes]) -> tuple[bytes, bytes]:
    """Return one picture of an animation, 96 x 72."""
    where = bytes(6) + (95).to_bytes(3, "little") + (71).to_bytes(3, "little") + bytes(4)
    kind, body = vp8
    return b"ANMF", where + kind + struct.pack("<I", len(body)) + body + bytes(len(body) % 2)


def damaged(dice: random.Random, whole: Sequence[bytes]) -> bytes:
    """Return one of the pictures with something done to it."""
    image = dice.choice(whole)
    for _ in range(dice.choice((1, 1, 2, 4))):
        image = dice.choice((_bytes, _bytes, _structure, _structure, _cut, _joined))(
            dice, image, whole
        )
    return image[: MAX_FRAME_BYTES + 1]


def _bytes(dice: random.Random, image: bytes, _: Sequence[bytes]) -> bytes:
    """Flip bits, or overwrite bytes; half of the time near the beginning."""
    data = bytearray(image or b"\0")
    within = len(data) if dice.random() < 1 / 2 else min(len(data), 80)
    for _hit in range(dice.choice((1, 1, 3, 10))):
        at = dice.randrange(within)
        data[at] = dice.choice((0, 255, data[at] ^ (1 << dice.randrange(8)), dice.randrange(256)))
    return bytes(data)


def _cut(dice: random.Random, image: bytes, _: Sequence[bytes]) -> bytes:
    return image[: dice.randrange(len(image) + 1)]


def _joined(dice: random.Random, image: bytes, whole: Sequence[bytes]) -> bytes:
    """Go on in the middle of another picture."""
    other = dice.choice(whole)
    return image[: dice.randrange(len(image) + 1)] + other[dice.randrange(len(other)) :]


def _structure(dice: random.Random, image: bytes, whole: Sequence[bytes]) -> bytes:
    if image.startswith(b"\xff\xd8"):
        return _jpeg(dice, image)
    if image.startswith(b"\x89PNG"):
        return _png(dice, image)
    if image.startswith(b"RIFF"):
        return _webp(dice, image)
    return _bytes(dice, image, whole)


def _number(dice: random.Random) -> int:
    return dice.choice(SIZES) if dice.random() < 7 / 10 else dice.randrange(2**16)


def _jpeg(dice: random.Random, image: bytes) -> bytes:
    segments = jpeg_segments(image)
    at = dice.randrange(len(segments))
    marker, body = segments[at]
    match dice.randrange(5):
        case 0 if marker in _SIZED and len(body) >= _SIZE_BYTES:  # its size, depth and components
            size = struct.pack(">HH", _number(dice) & 0xFFFF, _number(dice) & 0xFFFF)
            depth = bytes([dice.choice((8, 8, 8, 12, 16, 1))])
            segments[at] = (marker, depth + size + _bytes(dice, body[5:], ()))
        case 1:
            segments[at] = (dice.choice(JPEG_MARKERS), body)
        case 2:
            segments.insert(at, dice.choice(segments))
        case 3:
            del segments[at]
        case _:
            segments[at] = (marker, _bytes(dice, body, ()))
    return jpeg_of(segments)


def _png(dice: random.Random, image: bytes) -> bytes:
    chunks = png_chunks(image)
    if not chunks:
        return image
    at = dice.randrange(len(chunks))
    kind, body = chunks[at]
    match dice.randrange(6):
        case 0 if len(chunks[0][1]) >= _HEADER_BYTES:  # size, depth, colours, interlacing
            size = struct.pack(">II", _number(dice) & 0x7FFFFFFF, _number(dice) & 0x7FFFFFFF)
            kept = chunks[0][1][:8] if dice.random() < 1 / 2 else size
            look = bytes([dice.choice((1, 2, 4, 8, 16)), dice.choice((0, 2, 3, 4, 6)), 0, 0])
            chunks[0] = (b"IHDR", kept + look + bytes([dice.randrange(2)]))
        case 1:
            chunks.insert(at, (dice.choice(PNG_KINDS), dice.randbytes(dice.randrange(40))))
        case 2:
            chunks.insert(at, dice.choice(chunks))
        case 3:
            del chunks[at]
        case 4:
            rows = zlib.compress(dice.randbytes(9) * dice.choice((1, 100, 9000)))
            chunks[at] = (b"IDAT", rows)
        case _:
            chunks[at] = (kind, _bytes(dice, body, ()))
    return png_with(chunks)


def _webp(dice: random.Random, image: bytes) -> bytes:
    chunks = riff_chunks(image)
    if not chunks:
        return image
    at = dice.randrange(len(chunks))
    kind, body = chunks[at]
    match dice.randrange(5):
        case 0:
            sides = [1 + _number(dice) % 2**24 for _ in range(2)]
            chunks.insert(0, _canvas(sides[0], sides[1], dice.randrange(64)))
        case 1:
            chunks.insert(at, (dice.choice(WEBP_KINDS), dice.randbytes(dice.randrange(40))))
        case 2:
            chunks[at : at + 1] = [chunks[at]] * dice.choice((0, 2, 50))
        case 3:
            chunks[at] = (dice.choice(WEBP_KINDS), body)
        case _:
            chunks[at] = (kind, _bytes(dice, body, ()))
    return webp_of(chunks)
