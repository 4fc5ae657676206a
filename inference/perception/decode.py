"""One picture from bytes to pixels, or why not.

Order of refusal: no bytes, too many bytes, unknown format, too many pixels, cut. All of it happens
before a pixel is decoded. A cut JPEG is refused, never half decoded.
A JPEG much larger than needed is decoded at 1/2, 1/4 or 1/8 inside the inverse DCT.
No detail and no exception text holds a byte of the picture.
"""

from dataclasses import dataclass, field
from enum import Enum

import cv2
import numpy as np
import numpy.typing as npt
import simplejpeg  # type: ignore[import-untyped]  # ships no types
from rapt.limits import MAX_FRAME_BYTES, MAX_FRAME_PIXELS

from inference.perception.header import Header, NotAnImage, PictureKind, Truncated, read_header
from inference.perception.still import still_of

U8 = npt.NDArray[np.uint8]

CHANNELS = 3
"""Bytes of a pixel: red, green, blue."""

MAX_SCANNED_PIXELS = 12 * MAX_FRAME_PIXELS
"""A progressive JPEG has about ten scans; thousands of them make a small file slow to decode."""
MAX_SIDE_PX = 8192
"""OpenCV's warps fail above 32767; no camera comes near."""


class Unreadability(Enum):
    """Why a picture cannot be read."""

    EMPTY = "empty"
    NOT_AN_IMAGE = "not_an_image"
    TRUNCATED = "truncated"
    TOO_MANY_BYTES = "too_many_bytes"
    TOO_MANY_PIXELS = "too_many_pixels"


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A picture that was refused, and why, in words for a person."""

    reason: Unreadability
    detail: str


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A decoded frame. It lives as long as its batch."""

    pixels: U8 = field(repr=False)
    """(H, W, 3) RGB. Left out of every representation, so that no log or error can hold it."""
    width: int
    """Width of the frame as it was sent, pixels; `pixels` may be smaller."""
    height: int
    """Height of the frame as it was sent, pixels."""

    @classmethod
    def of(cls, rgb: U8) -> "Picture":
        """Show (H, W, 3) RGB pixels as if they had been sent so."""
        return cls(np.ascontiguousarray(rgb), rgb.shape[1], rgb.shape[0])

    @property
    def scale(self) -> float:
        """Pixels of the sent frame per decoded pixel, 1..8."""
        return self.width / float(self.pixels.shape[1])


def decode(
    image: bytes,
    *,
    width_share: float | None = None,
    needed_px: int = 640,
) -> Picture | Unreadable:
    """Decode one picture, no larger than needed.

    Args:
        image: JPEG, PNG or WebP.
        width_share: the part that will be looked at, over the frame's width; None is all of it.
        needed_px: decoded pixels that this part must have at least, if the frame has them.
    """
    if not image:
        return Unreadable(Unreadability.EMPTY, "the frame has no bytes")
    if len(image) > MAX_FRAME_BYTES:
        detail = f"{len(image)} bytes; at most {MAX_FRAME_BYTES} are accepted"
        return Unreadable(Unreadability.TOO_MANY_BYTES, detail)
    try:
        header = read_header(image)
        refusal = _refusal(header)
        if refusal is not None:
            return refusal
        image = still_of(image, header.kind)
        whole = max(header.width, header.height)
        looked_at = whole if width_share is None else header.width * width_share
        pixels = _pixels(image, header, looked_at / needed_px)
    except NotAnImage as error:
        return Unreadable(Unreadability.NOT_AN_IMAGE, str(error))
    except Truncated as error:
        return Unreadable(Unreadability.TRUNCATED, str(error))
    return Picture(pixels, header.width, header.height)


def _refusal(header: Header) -> Unreadable | None:
    size = f"{header.width}x{header.height} pixels"
    if header.width < 1 or header.height < 1:
        return Unreadable(Unreadability.NOT_AN_IMAGE, size)
    if header.width * header.height > MAX_FRAME_PIXELS:
        detail = f"{size}; at most {MAX_FRAME_PIXELS} in all are accepted"
        return Unreadable(Unreadability.TOO_MANY_PIXELS, detail)
    if max(header.width, header.height) > MAX_SIDE_PX:
        detail = f"{size}; at most {MAX_SIDE_PX} a side are accepted"
        return Unreadable(Unreadability.TOO_MANY_PIXELS, detail)
    if header.width * header.height * header.scans > MAX_SCANNED_PIXELS:
        detail = f"{size} in {header.scans} scans; at most {MAX_SCANNED_PIXELS} are accepted"
        return Unreadable(Unreadability.TOO_MANY_PIXELS, detail)
    return None


def _pixels(image: bytes, header: Header, spare: float) -> U8:
    """Decode; `spare` is how many times more pixels a side there are than needed."""
    if header.kind is PictureKind.JPEG:
        return _jpeg_pixels(image, header, spare)
    flags = cv2.IMREAD_COLOR_RGB | cv2.IMREAD_IGNORE_ORIENTATION
    try:
        decoded = cv2.imdecode(np.frombuffer(image, np.uint8), flags)
    except cv2.error as error:
        raise Truncated("the picture data is broken") from error
    if decoded is None or decoded.ndim != 3:  # noqa: PLR2004 - rows, columns, colours
        raise Truncated("the picture data is cut or broken")
    return np.asarray(decoded, np.uint8)


def _jpeg_pixels(image: bytes, header: Header, spare: float) -> U8:
    factor = next((f for f in (8, 4, 2) if f <= spare), 1)
    height, width = -(-header.height // factor), -(-header.width // factor)
    try:
        decoded = simplejpeg.decode_jpeg(
            image,
            colorspace="RGB",
            min_height=height,
            min_width=width,
            min_factor=float(factor),
        )
    except ValueError as error:
        raise Truncated("the JPEG data is cut or broken") from error
    return np.asarray(decoded, np.uint8)
