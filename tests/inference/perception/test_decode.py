"""One picture from bytes to RGB, or why not."""

import struct
import zlib

import cv2
import numpy as np
import pytest
import simplejpeg  # type: ignore[import-untyped]  # ships no types
from hypothesis import given, settings
from hypothesis import strategies as st
from rapt.limits import MAX_FRAME_BYTES

from inference.perception.decode import (
    CHANNELS,
    Picture,
    Unreadability,
    Unreadable,
    decode,
)
from inference.perception.header import PNG_SIGNATURE

SCENE = np.fromfunction(lambda y, x, c: y + x // 2 + 40 * c, (120, 160, 3)).astype(np.uint8)


def encoded(suffix: str, picture: np.ndarray = SCENE, *options: int) -> bytes:
    """A picture in some format; its colours are given as BGR."""
    return bytes(cv2.imencode(suffix, picture, options)[1].tobytes())


def png_of(width: int, height: int, rows: bytes) -> bytes:
    """A well-formed PNG file that claims a size, whatever its data holds."""
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    )
    return PNG_SIGNATURE + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in chunks
    )


JPEG, PNG = encoded(".jpg"), encoded(".png")
WEBP = encoded(".webp", SCENE, cv2.IMWRITE_WEBP_QUALITY, 80)


@pytest.mark.parametrize(
    "image",
    [
        pytest.param(JPEG, id="JPEG"),
        pytest.param(encoded(".jpg", SCENE, cv2.IMWRITE_JPEG_PROGRESSIVE, 1), id="progressive"),
        pytest.param(JPEG + bytes(500), id="JPEG with a trailer"),
        pytest.param(PNG, id="PNG"),
        pytest.param(WEBP, id="WebP"),
    ],
)
def test_formats_of_a_canvas_become_rgb(image: bytes) -> None:
    """Red stays red in every format."""
    picture = decode(image)
    assert isinstance(picture, Picture)
    assert picture.pixels.dtype == np.uint8
    expected = SCENE[:, :, ::-1].astype(int)
    assert np.abs(picture.pixels.astype(int) - expected).mean() < 4


@pytest.mark.parametrize(
    "image",
    [
        pytest.param(encoded(".jpg", SCENE[:, :, 0]), id="grey JPEG"),
        pytest.param(encoded(".png", SCENE[:, :, 0]), id="grey PNG"),
        pytest.param(encoded(".png", cv2.cvtColor(SCENE, cv2.COLOR_BGR2BGRA)), id="alpha"),
        pytest.param(encoded(".png", SCENE.astype(np.uint16) * 256), id="16 bits"),
    ],
)
def test_other_depths_become_three_channels(image: bytes) -> None:
    """Grey, transparent and deep pictures come out like any other."""
    picture = decode(image)
    assert isinstance(picture, Picture)
    assert picture.pixels.shape == (120, 160, CHANNELS)


@pytest.mark.parametrize(
    ("image", "reason"),
    [
        pytest.param(b"", Unreadability.EMPTY, id="zero bytes"),
        pytest.param(b"not an image at all", Unreadability.NOT_AN_IMAGE, id="text"),
        pytest.param(b"GIF89a" + bytes(60), Unreadability.NOT_AN_IMAGE, id="GIF"),
        pytest.param(
            simplejpeg.encode_jpeg(np.zeros((16, 16, 4), np.uint8), colorspace="CMYK"),
            Unreadability.NOT_AN_IMAGE,
            id="printer's colours",
        ),
        pytest.param(JPEG[: len(JPEG) // 2], Unreadability.TRUNCATED, id="half a JPEG"),
        pytest.param(JPEG[:-2], Unreadability.TRUNCATED, id="JPEG less its end marker"),
        pytest.param(JPEG[:20], Unreadability.TRUNCATED, id="JPEG cut in its header"),
        pytest.param(PNG[: len(PNG) // 2], Unreadability.TRUNCATED, id="half a PNG"),
        pytest.param(WEBP[: len(WEBP) // 2], Unreadability.TRUNCATED, id="half a WebP"),
        pytest.param(png_of(300, 300, bytes(900)), Unreadability.TRUNCATED, id="PNG lacks rows"),
        pytest.param(png_of(0, 10, b""), Unreadability.NOT_AN_IMAGE, id="no width"),
        pytest.param(
            png_of(20_000, 20_000, bytes(10**6)), Unreadability.TOO_MANY_PIXELS, id="PNG bomb"
        ),
        pytest.param(png_of(9000, 40, bytes(10)), Unreadability.TOO_MANY_PIXELS, id="a ribbon"),
        pytest.param(JPEG + bytes(5 * 10**6), Unreadability.TOO_MANY_BYTES, id="five megabytes"),
        pytest.param(
            JPEG + b"\xff\xda" * 3000, Unreadability.TOO_MANY_PIXELS, id="thousands of scans"
        ),
    ],
)
def test_bad_pictures_say_what_is_wrong(image: bytes, reason: Unreadability) -> None:
    """Each gets its own reason, and a sentence."""
    answer = decode(image)
    assert isinstance(answer, Unreadable)
    assert answer.reason is reason
    assert answer.detail


def test_limits_are_inclusive() -> None:
    """A frame at the limit of bytes is taken, one byte more is not."""
    padded = JPEG + bytes(MAX_FRAME_BYTES - len(JPEG))
    assert isinstance(decode(padded), Picture)
    assert isinstance(decode(padded + b"\0"), Unreadable)


@given(st.integers(0, len(JPEG) - 3), st.integers(0, 2))
@settings(max_examples=60, deadline=None)
def test_cut_pictures_are_never_half_decoded(length: int, which: int) -> None:
    """No beginning of a picture is a picture."""
    image = (JPEG, PNG, WEBP)[which]
    assert isinstance(decode(image[: min(length, len(image) - 3)]), Unreadable)


@given(st.binary(min_size=1, max_size=40), st.integers(30, len(JPEG) - 50))
@settings(max_examples=60, deadline=None)
def test_damage_never_raises_and_never_shows_pixels(noise: bytes, at: int) -> None:
    """Overwritten bytes give a picture or a reason whose text holds no byte of it."""
    answer = decode(JPEG[:at] + noise + JPEG[at + len(noise) :])
    if isinstance(answer, Unreadable):
        assert answer.detail.isascii()
        assert len(answer.detail) < 120
        assert "\\x" not in answer.detail
    else:
        assert "array" not in repr(answer)


@pytest.mark.parametrize(("needed_px", "side"), [(640, 1280), (600, 640), (300, 320), (100, 160)])
def test_large_jpeg_is_decoded_smaller(needed_px: int, side: int) -> None:
    """The scale is a power of two, and never leaves fewer pixels than needed."""
    image = encoded(".jpg", cv2.resize(SCENE, (1280, 720)))
    picture = decode(image, needed_px=needed_px if needed_px < 640 else 1000)
    assert isinstance(picture, Picture)
    assert picture.pixels.shape[1] == side
    assert (picture.width, picture.height) == (1280, 720)
    assert picture.scale == 1280 / side


def test_followed_face_keeps_its_pixels() -> None:
    """What counts is the followed part, not the whole picture."""
    image = encoded(".jpg", cv2.resize(SCENE, (1280, 720)))
    small = decode(image, width_share=0.9, needed_px=230)
    near = decode(image, width_share=0.2, needed_px=230)
    assert isinstance(small, Picture)
    assert isinstance(near, Picture)
    assert (small.pixels.shape[1], near.pixels.shape[1]) == (320, 1280)
