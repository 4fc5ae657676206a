"""Which faces are found? By their size in the picture, and none where none is."""

from collections.abc import Sequence
from random import Random

import cv2
import msgspec

from benchmarks.closed_loop.views import PLAIN, at, jpeg, shots
from demo.puppet.portrait import U8, Portrait
from demo.puppet.poses import Pose
from inference.models.folder import ModelFolder, PictureName
from inference.models.portrait import read_pixels
from inference.perception.look import Wants
from inference.perception.pipeline import Look, Pipeline, Seen

WIDTHS_PX = (16, 20, 24, 28, 32, 40, 48, 64, 96, 140)
"""Of a face in a frame of 320 pixels."""
EMPTY: tuple[PictureName, ...] = ("chelsea", "coffee", "brick")
"""A cat, a cup, a wall."""
EMPTY_CUTS = 20


class Found(msgspec.Struct, frozen=True):
    """Pictures of one size of face."""

    face_px: int
    eye_distance_px: float
    """Mean of the found ones; 0 without any."""
    n: int
    found: int


class Empty(msgspec.Struct, frozen=True):
    """Pictures without a face."""

    n: int
    found: int
    """Faces claimed; each is wrong."""


def by_size(
    pipeline: Pipeline,
    portraits: Sequence[Portrait],
    *,
    views: int,
    seed: int,
    wants: Wants | None = None,
) -> list[Found]:
    """Look once, without a track, at heads turned a little; `wants` may declare a room camera."""
    chance = Random(seed)  # noqa: S311 - a draw, no secret
    poses = [
        Pose(chance.uniform(-30, 30), chance.uniform(-20, 15), chance.uniform(-15, 15))
        for _ in range(views)
    ]
    rows = []
    for face_px in WIDTHS_PX:
        taken = list(shots(portraits, poses, at(PLAIN, face_px), seed=seed))
        answers = [
            pipeline.observe([Look(shot.image, None, wants or Wants())])[0] for shot in taken
        ]
        distances = [
            answer.observation.eye_distance_px or 0.0
            for answer in answers
            if isinstance(answer, Seen) and answer.observation.has_face
        ]
        mean_px = round(sum(distances) / max(len(distances), 1), 1)
        rows.append(Found(face_px, mean_px, len(taken), len(distances)))
    return rows


def where_none_is(pipeline: Pipeline, folder: ModelFolder, *, seed: int) -> Empty:
    """Look at random cuts of pictures without a face."""
    chance = Random(seed)  # noqa: S311 - a draw, no secret
    claimed = 0
    cuts = [cut for name in EMPTY for cut in _cuts(read_pixels(folder.portrait(name)), chance)]
    for cut in cuts:
        answer = pipeline.observe([Look(jpeg(cut))])[0]
        claimed += isinstance(answer, Seen) and answer.observation.has_face
    return Empty(len(cuts), claimed)


def _cuts(picture: U8, chance: Random) -> list[U8]:
    """Frames of 320×240 from anywhere in a picture, in any size."""
    cuts = []
    height, width = picture.shape[:2]
    for _ in range(EMPTY_CUTS):
        wide = chance.randint(width // 3, width)
        high = min(height, wide * 3 // 4)
        x, y = chance.randint(0, width - wide), chance.randint(0, height - high)
        cuts.append(cv2.resize(picture[y : y + high, x : x + wide], (320, 240)).astype("uint8"))
    return cuts
