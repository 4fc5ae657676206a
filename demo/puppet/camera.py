"""A student's camera: the drawn poses with the small differences between frames and between people.

Cheap enough for a hundred students on one core: a warp of a ready picture, noise from a store, a
JPEG.
"""

from collections.abc import Sequence
from functools import lru_cache
from random import Random

import cv2
import numpy as np
import simplejpeg  # type: ignore[import-untyped]  # has no annotations

from demo.puppet.portrait import U8
from demo.puppet.poses import HEIGHT, WIDTH, Drawn
from demo.puppet.render import GREY
from demo.script import Mood

QUALITY_PCT = 60
"""As a browser sends by default."""

POSE_S = 2.5
"""How long a pose is held before the next one of the same mood."""

NOISE_LEVELS = 3.0
"""Standard deviation of the sensor's noise, of 255 levels."""

_NOISES, _NOISE_FRAMES = 4, 4


class Camera:
    """What one student's camera sends.

    Args:
        portraits: drawn poses of each portrait.
        index: number of the student; decides portrait, mirror, size, place and light.
        seed: of the class.
    """

    def __init__(self, portraits: Sequence[Drawn], *, index: int, seed: int = 1) -> None:
        chance = Random(f"camera/{seed}/{index}")  # noqa: S311 - a play, no secret
        self._drawn = portraits[index % len(portraits)]
        self._is_mirrored = (index // len(portraits)) % 2 == 1
        self._scale = chance.uniform(0.92, 1.1)
        self._shift = (chance.uniform(-18, 18), chance.uniform(-10, 10))
        self._gain = chance.uniform(0.85, 1.12)
        self._sway = chance.uniform(0, 100)
        self._chance = chance
        self._noise = _noise(index % _NOISES)

    def picture(self, mood: Mood, at_s: float) -> U8:
        """(240, 320, 3) RGB frame of a mood at a time of the student's own clock."""
        ready = self._drawn[mood]
        pose = ready[int(at_s / POSE_S) % len(ready)]
        if self._is_mirrored:
            pose = np.ascontiguousarray(pose[:, ::-1])
        swing = at_s + self._sway
        matrix = cv2.getRotationMatrix2D(
            (WIDTH / 2, HEIGHT / 2), 1.5 * np.sin(swing / 3.1), self._scale
        )
        matrix[:, 2] += (
            self._shift[0] + 4 * np.sin(swing / 2.3),
            self._shift[1] + 2 * np.sin(swing / 1.7),
        )
        moved = cv2.warpAffine(
            pose, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR, borderValue=(GREY,) * 3
        )
        lit = cv2.convertScaleAbs(moved, alpha=self._gain * self._chance.uniform(0.98, 1.02))
        noise = self._noise[self._chance.randrange(len(self._noise))]
        return np.asarray(cv2.add(lit, noise, dtype=cv2.CV_8U), np.uint8)

    def frame(self, mood: Mood, at_s: float) -> bytes:
        """The same as a JPEG."""
        picture = self.picture(mood, at_s)
        return bytes(simplejpeg.encode_jpeg(picture, quality=QUALITY_PCT, colorspace="RGB"))


@lru_cache(maxsize=_NOISES)
def _noise(seed: int) -> tuple[np.ndarray[tuple[int, ...], np.dtype[np.int16]], ...]:
    """A few frames of sensor noise, (240, 320, 3) each, shared by many cameras."""
    chance = np.random.default_rng(seed)
    shape = (HEIGHT, WIDTH, 3)
    frames = (chance.normal(0, NOISE_LEVELS, shape) for _ in range(_NOISE_FRAMES))
    return tuple(frame.astype(np.int16) for frame in frames)
