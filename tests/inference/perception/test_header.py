"""What a picture says about itself."""

import struct

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.perception.header import (
    PNG_SIGNATURE,
    NotAnImage,
    PictureKind,
    Truncated,
    read_header,
)


def encoded(suffix: str, *options: int) -> bytes:
    """A 60x40 gradient in some format."""
    picture = np.fromfunction(lambda y, x, c: y * 3 + x * 2 + c, (40, 60, 3)).astype(np.uint8)
    return bytes(cv2.imencode(suffix, picture, options)[1].tobytes())


@pytest.mark.parametrize(
    ("image", "kind"),
    [
        pytest.param(encoded(".jpg"), PictureKind.JPEG, id="baseline JPEG"),
        pytest.param(encoded(".png"), PictureKind.PNG, id="PNG"),
        pytest.param(encoded(".webp", cv2.IMWRITE_WEBP_QUALITY, 50), PictureKind.WEBP, id="lossy"),
        pytest.param(
            encoded(".webp", cv2.IMWRITE_WEBP_QUALITY, 101), PictureKind.WEBP, id="lossless"
        ),
    ],
)
def test_size_is_read_without_decoding(image: bytes, kind: PictureKind) -> None:
    """Every format gives its own kind, width and height."""
    header = read_header(image)
    assert (header.kind, header.width, header.height) == (kind, 60, 40)


def test_extended_webp_gives_its_canvas() -> None:
    """The extended form keeps the size less one in three bytes."""
    body = b"VP8X" + struct.pack("<I", 10) + bytes(4)
    body += (1919).to_bytes(3, "little") + (1079).to_bytes(3, "little")
    image = b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body
    header = read_header(image)
    assert (header.width, header.height) == (1920, 1080)


def test_scans_of_a_progressive_jpeg_are_counted() -> None:
    """A progressive JPEG has several scans, a baseline one has one."""
    assert read_header(encoded(".jpg")).scans == 1
    assert read_header(encoded(".jpg", cv2.IMWRITE_JPEG_PROGRESSIVE, 1)).scans > 3


@given(st.binary(max_size=200), st.sampled_from([b"", b"\xff\xd8", PNG_SIGNATURE, b"RIFF"]))
def test_any_bytes_have_a_header_or_a_reason(tail: bytes, signature: bytes) -> None:
    """Nothing but the two reasons leaves, whatever comes in."""
    try:
        header = read_header(signature + tail)
    except (NotAnImage, Truncated):
        return
    assert isinstance(header.kind, PictureKind)
