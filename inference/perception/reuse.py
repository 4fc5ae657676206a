"""Is a frame so like the last measured one that its measurements may be used again?

Off unless a frame asks for it, and nothing asks by default: it saves little and costs accuracy.
Measured on one person before a webcam (320 px) with `MAX_CHANGE`: at 2 frames a second no frame is
that alike; at 8 it is 2 of 100, whose landmarks are then 0.8 percent of the eye distance off and
whose eye aspect ratio is 0.012 off. At twice the change it is 11 of 100, off by 1.7 percent and by
0.08, a quarter of an open eye. On puppets at 2 frames a second, whose only motion is a slow swing:
24 of 100, 1.7 percent, 0.022. It pays for cameras that stand still before nobody moving.
Source: rerun of the clip and the puppets of `benchmarks.landmarks.scenes`.

A frame is always compared with one that was measured, never with one that was reused.
"""

from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt

from inference.perception.crop import crop_matrix, cut
from inference.perception.decode import CHANNELS, Picture
from inference.perception.observation import Observation

F32 = npt.NDArray[np.float32]
U8 = npt.NDArray[np.uint8]

THUMB_PX = 24
CROP_PX = 96
"""Cut at this side and then averaged, so that noise counts for little."""
MAX_CHANGE = 9
"""Of 255, in the thumb's most changed pixel: lids are one pixel of it."""


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """What a later frame may use again."""

    thumb: U8 = field(repr=False)
    """(24, 24) of the face's region. It lives with the stream, and never leaves the process."""
    observation: Observation


def thumb_of(picture: Picture, region: F32) -> U8:
    """(24, 24) grey picture of a region (4,)."""
    crop = np.empty((CROP_PX, CROP_PX, CHANNELS), np.uint8)
    cut(picture.pixels, crop_matrix(region, CROP_PX), crop)
    grey = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY)
    small = cv2.resize(grey, (THUMB_PX, THUMB_PX), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)


def is_alike(one: U8, other: U8) -> bool:
    """Whether no pixel of two thumbs differs by `MAX_CHANGE` or more."""
    return int(cv2.norm(one, other, cv2.NORM_INF)) < MAX_CHANGE
