"""What is known of a person after a while, and how it travels to another worker as bytes.

What takes minutes to learn survives a change of the worker: usual poses, the opening of the eyes,
the calibration. Numbers only, no picture, in less than a kilobyte: histograms become bytes.
Bytes of another version, or that are damaged, are nobody's: they give a new person.
"""

import math
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from inference.attention import baseline as usual
from inference.attention import lids
from inference.attention.baseline import Baseline, Place
from inference.attention.calibration import NUMBERS, Calibration
from inference.attention.direction import Direction
from inference.attention.histogram import F32
from inference.attention.lids import Opening

VERSION = 1
MAX_BYTES = 1000
_HEAD = struct.Struct("<BBB")  # version, places, whether there is a calibration
_PLACE = struct.Struct("<8f")
_SCALE = struct.Struct("<f")
_OPENING = struct.Struct("<3f")
_CALIBRATION = struct.Struct(f"<{NUMBERS}f")
_CHECK = struct.Struct("<I")
_MOST_COUNTS = 5000.0
"""Half seconds in one bin; fading keeps them below 900."""
_BYTE = 255


@dataclass(frozen=True, slots=True, eq=False)
class Person:
    """One person in front of one screen."""

    baseline: Baseline
    opening: Opening
    calibration: Calibration | None = None
    """None until the person has looked at the dots."""
    usual_sharpness: float | None = None

    @classmethod
    def new(cls) -> "Person":
        """Nobody seen yet."""
        return cls(Baseline.new(), Opening.new())

    def to_bytes(self) -> bytes:
        """What is worth carrying to another worker, at most `MAX_BYTES`."""
        places = self.baseline.places
        parts = [_HEAD.pack(VERSION, len(places), self.calibration is not None)]
        for place in places:
            numbers = (
                place.gaze.yaw_deg,
                place.gaze.pitch_deg,
                place.head.yaw_deg,
                place.head.pitch_deg,
                place.gaze_sigma_deg,
                place.head_sigma_deg,
                place.spread_deg,
                place.known,
            )
            parts += [_PLACE.pack(*numbers), *map(_packed, place.counts)]
        opening = self.opening
        sharpness = self.usual_sharpness or 0.0
        parts.append(_OPENING.pack(opening.open_ratio, opening.closed_ratio, sharpness))
        parts.append(_packed(opening.counts))
        if self.calibration is not None:
            parts.append(_CALIBRATION.pack(*self.calibration.numbers))
        body = b"".join(parts)
        return body + _CHECK.pack(zlib.crc32(body))

    @classmethod
    def from_bytes(cls, data: bytes) -> "Person":
        """What `to_bytes` wrote; nobody from anything else."""
        try:
            return _read(data)
        except (struct.error, ValueError, OverflowError):
            return cls.new()


def _packed(counts: F32) -> bytes:
    """A histogram as a scale and a byte for each bin."""
    scale = np.float32(counts.max() / _BYTE)
    levels = np.rint(counts / scale) if scale > 0 else np.zeros_like(counts)
    return _SCALE.pack(scale) + levels.astype(np.uint8).tobytes()


class _Reader:
    """Walks through bytes."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.at = 0

    def take(self, layout: struct.Struct) -> tuple[float, ...]:
        values = layout.unpack_from(self._data, self.at)
        self.at += layout.size
        if not all(map(math.isfinite, values)):
            raise ValueError("a number is not finite")
        return values

    def counts(self, bins: int) -> F32:
        (scale,) = self.take(_SCALE)
        if not 0 <= scale * _BYTE <= _MOST_COUNTS:
            raise ValueError("counts are impossible")
        levels = np.frombuffer(self._data, np.uint8, bins, self.at)
        self.at += bins
        counts = levels * np.float32(scale)
        counts.setflags(write=False)
        return counts


def _read(data: bytes) -> Person:
    body, check = data[: -_CHECK.size], data[-_CHECK.size :]
    if len(data) > MAX_BYTES or _CHECK.pack(zlib.crc32(body)) != check:
        raise ValueError("the bytes are not whole")
    reader = _Reader(body)
    version, places, has_calibration = reader.take(_HEAD)
    if version != VERSION or not 1 <= places <= usual.MAX_PLACES:
        raise ValueError("the bytes are of another version")
    baseline = Baseline(tuple(_place(reader) for _ in range(int(places))))
    open_ratio, closed_ratio, sharpness = reader.take(_OPENING)
    if not 0 < closed_ratio < open_ratio <= 1 or sharpness < 0:
        raise ValueError("the eyes are impossible")
    counts = reader.counts(lids.BINS)
    opening = Opening(counts, open_ratio, closed_ratio, float(counts.sum()))
    calibration = Calibration.of(reader.take(_CALIBRATION)) if has_calibration else None
    if reader.at != len(body):
        raise ValueError("there are bytes left")
    return Person(baseline, opening, calibration, sharpness or None)


def _place(reader: _Reader) -> Place:
    numbers = reader.take(_PLACE)
    if not _is_possible(numbers):
        raise ValueError("a place is impossible")
    counts = np.stack([reader.counts(usual.BINS) for _ in range(usual.AXES)])
    counts.setflags(write=False)
    gaze, head = Direction(*numbers[0:2]), Direction(*numbers[2:4])
    return Place(counts, gaze, head, *numbers[4:])


def _is_possible(numbers: Sequence[float]) -> bool:
    return (
        max(map(abs, numbers[:4])) <= 2 * usual.REACH_DEG
        and min(numbers[4:]) >= 0
        and min(numbers[4:6]) > 0
        and max(numbers[4:7]) <= 2 * usual.REACH_DEG
        and numbers[7] <= _MOST_COUNTS
    )
