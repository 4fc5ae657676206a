"""A user's own file before the camera, instead of a puppet: in real time, twice a second."""

from pathlib import Path

import cv2
import numpy as np
import simplejpeg  # type: ignore[import-untyped]  # has no annotations
from rapt.errors import Misconfigured

from demo.playing import Deed, Kind
from demo.puppet.camera import QUALITY_PCT
from demo.puppet.poses import WIDTH
from demo.script import Mood, Part, Scene, Way


class FileCamera:
    """Frames of a video file; it starts over at its end.

    Args:
        path: anything that OpenCV reads.

    Raises:
        Misconfigured: it cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = cv2.VideoCapture(str(path))
        self._fps = self._file.get(cv2.CAP_PROP_FPS) or 25.0
        self._next = 0
        """Number of the frame that is read next, counted over all rounds."""
        if not self._file.isOpened() or self._file.get(cv2.CAP_PROP_FRAME_COUNT) < 1:
            raise Misconfigured(f"{path} is not a video that OpenCV can read")

    def frame(self, _: Mood, at_s: float) -> bytes:
        """A JPEG of this moment, 320 pixels wide."""
        wanted = round(at_s * self._fps)
        while self._next < wanted:
            self._skip()
        is_read, picture = self._file.read()
        if not is_read:
            self._rewind()
            is_read, picture = self._file.read()
        if not is_read:
            raise Misconfigured(f"{self._path} cannot be read any more")
        self._next += 1
        height = round(picture.shape[0] * WIDTH / picture.shape[1])
        small = cv2.resize(picture, (WIDTH, height), interpolation=cv2.INTER_AREA)
        pixels = np.ascontiguousarray(small, np.uint8)
        return bytes(simplejpeg.encode_jpeg(pixels, quality=QUALITY_PCT, colorspace="BGR"))

    def _skip(self) -> None:
        if not self._file.grab():
            self._rewind()
            self._file.grab()
        self._next += 1

    def _rewind(self) -> None:
        self._file.set(cv2.CAP_PROP_POS_FRAMES, 0)


def only_part(seconds: int) -> Part:
    """The part of someone who watches to the end; nobody knows what the camera will see."""
    ends_ms = seconds * 1000 + 1_000
    return Part(
        index=0,
        name="You",
        way=Way.STEADY,
        comes_ms=0,
        deeds=(
            Deed(0, Kind.OPEN),
            Deed(0, Kind.CAMERA_ON),
            Deed(500, Kind.PLAY),
            Deed(ends_ms - 500, Kind.ENDED),
            Deed(ends_ms, Kind.CLOSE),
        ),
        scenes=(Scene(0, ends_ms, Mood.FOCUSED),),
    )
