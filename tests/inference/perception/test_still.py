"""The parts of a PNG or WebP that make one still picture."""

import struct

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.breaking.formats import png_chunks, png_with, riff_chunks, webp_of
from inference.perception.decode import Picture, Unreadability, Unreadable, decode
from inference.perception.header import NotAnImage, PictureKind, Truncated
from inference.perception.still import still_of

SCENE = np.fromfunction(lambda y, x, c: y * 3 + x * 2 + c, (40, 60, 3)).astype(np.uint8)
PNG = cv2.imencode(".png", SCENE)[1].tobytes()
GLASS = np.dstack([SCENE, SCENE[..., 0]])
WEBP = cv2.imencode(".webp", GLASS, (cv2.IMWRITE_WEBP_QUALITY, 60))[1].tobytes()


def pixels(image: bytes) -> npt.NDArray[np.uint8]:
    """Return what a picture shows."""
    found = decode(image)
    assert isinstance(found, Picture)
    return found.pixels


def test_what_is_no_part_of_the_picture_is_left_out() -> None:
    """Comments, profiles and orientations go; the pixels stay."""
    first, *rest = png_chunks(PNG)
    noted = png_with([first, (b"tEXt", b"by\0me"), (b"eXIf", b"MM\0*"), *rest])
    assert [kind for kind, _ in png_chunks(still_of(noted, PictureKind.PNG))] == [
        b"IHDR",
        *[kind for kind, _ in rest],
    ]
    assert (pixels(noted) == pixels(PNG)).all()
    noted = webp_of([*riff_chunks(WEBP), (b"EXIF", b"MM\0*"), (b"XMP ", b"<x/>")])
    assert len(still_of(noted, PictureKind.WEBP)) == len(WEBP)
    assert (pixels(noted) == pixels(WEBP)).all()


@pytest.mark.parametrize("extra", [b"acTL", b"fcTL", b"fdAT", b"ABCD"])
def test_a_png_that_moves_or_has_unknown_parts_is_refused(extra: bytes) -> None:
    """One frame is one picture."""
    first, *rest = png_chunks(PNG)
    with pytest.raises(NotAnImage):
        still_of(png_with([first, (extra, bytes(26)), *rest]), PictureKind.PNG)


@pytest.mark.parametrize("extra", [b"ANIM", b"ANMF"])
def test_a_webp_that_moves_is_refused(extra: bytes) -> None:
    """Also when its first picture would be whole."""
    first, *rest = riff_chunks(WEBP)
    with pytest.raises(NotAnImage):
        still_of(webp_of([first, (extra, bytes(26)), *rest]), PictureKind.WEBP)


def test_an_animated_png_with_a_second_header_is_answered() -> None:
    """This very file ended the process in OpenCV 5.0."""
    header, data = png_chunks(PNG)[0], png_chunks(PNG)[1]
    control = (b"fcTL", struct.pack(">IIIIIHHBB", 0, 60, 40, 0, 0, 1, 10, 0, 0))
    shown = (b"fdAT", struct.pack(">I", 1) + data[1])
    moves = (b"acTL", struct.pack(">II", 1000, 0))
    answer = decode(png_with([header, moves, data, control, shown, header, control, shown]))
    assert isinstance(answer, Unreadable)
    assert answer.reason is Unreadability.NOT_AN_IMAGE


def test_damage_and_disorder_are_found() -> None:
    """A wrong checksum, no end, a second header, a header that is not first, no picture."""
    first, *rest = png_chunks(PNG)
    wrong = bytearray(PNG)
    wrong[50] ^= 0xFF
    for image in (
        bytes(wrong),
        PNG[:-12],
        png_with([first, first, *rest]),
        png_with([*rest[:1], first, *rest[1:]]),
    ):
        with pytest.raises(Truncated):
            still_of(image, PictureKind.PNG)
    for cut in (webp_of(riff_chunks(WEBP)[:1]), WEBP[:-30]):
        with pytest.raises(Truncated):
            still_of(cut, PictureKind.WEBP)


@given(st.binary(max_size=120), st.sampled_from([PNG[:33], WEBP[:12], WEBP[:40]]))
def test_any_bytes_are_a_picture_or_have_a_reason(tail: bytes, head: bytes) -> None:
    """Nothing but the two reasons leaves."""
    kind = PictureKind.PNG if head[:1] == b"\x89" else PictureKind.WEBP
    try:
        found = still_of(head + tail, kind)
    except (NotAnImage, Truncated):
        return
    assert found.startswith(head[:4])
