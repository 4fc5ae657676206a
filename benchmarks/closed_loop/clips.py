"""What is measured on real people, where clips for evaluation are at hand.

They lie in a folder of their own, never in this repository, and only numbers come out. Closures of
the one were read by eye; nobody counted the faces of the other by hand.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import msgspec
import numpy as np
import numpy.typing as npt

from benchmarks.closed_loop.views import jpeg
from demo.puppet.portrait import U8
from inference.attention.judge import Memory, judge
from inference.attention.lids import CLOSED_BELOW
from inference.perception.look import Wants
from inference.perception.pipeline import Look, Pipeline, Seen

Marks = npt.NDArray[np.bool_]

BLINK_CLIP, CLASS_CLIP = "blink_face.mp4", "classroom_7_students.mp4"
CLOSURES = ((16, 139), (288, 288), (386, 387), (425, 431))
"""Frames, first and last."""
UNSCORED = ((0, 15), (94, 190), (140, 140), (421, 424), (432, 471))
"""Lowered lids, a hand over the eyes, half closed, narrowed, ambiguous."""
QUALITY_PCT = 80
EVERY = 10
"""Frames of the class that are looked at."""


class OneFace(msgspec.Struct, frozen=True):
    """Lids of one person, frame by frame and closure by closure."""

    frames: int
    measured: int
    scored: int
    agree: float
    """Share of the scored frames whose lids are told as the labels say."""
    closures: int
    closures_found: int
    false_closures: int
    """Runs of frames told as closed that touch no labelled closure."""


class Room(msgspec.Struct, frozen=True):
    """Faces in a room."""

    frames: int
    faces: int
    most: int
    """In one frame."""


def one_face(pipeline: Pipeline, folder: Path) -> OneFace | None:
    """Follow the one face of the clip at its own rate; None without the clip."""
    path = folder / BLINK_CLIP
    if not path.is_file():
        return None
    openness = list(_openness(pipeline, path))
    closed = np.array([value is not None and value < CLOSED_BELOW for value in openness])
    labels = _marked(CLOSURES, len(openness))
    scored = ~_marked(UNSCORED, len(openness)) & np.array([o is not None for o in openness])
    runs = _runs(closed & ~_marked(UNSCORED, len(openness)))
    return OneFace(
        frames=len(openness),
        measured=sum(value is not None for value in openness),
        scored=int(scored.sum()),
        agree=round(float((closed == labels)[scored].mean()), 4),
        closures=len(CLOSURES),
        closures_found=sum(bool(closed[first : last + 1].any()) for first, last in CLOSURES),
        false_closures=sum(not labels[first : last + 1].any() for first, last in runs),
    )


def room(pipeline: Pipeline, folder: Path) -> Room | None:
    """Count the faces of every tenth frame as a room camera would; None without the clip."""
    path = folder / CLASS_CLIP
    if not path.is_file():
        return None
    counts = []
    for number, (_, picture) in enumerate(frames(path)):
        if number % EVERY == 0:
            look = Look(jpeg(narrow(picture), QUALITY_PCT), None, Wants(room=True))
            answer = pipeline.observe([look])[0]
            counts.append(answer.observation.faces if isinstance(answer, Seen) else 0)
    return Room(len(counts), sum(counts), max(counts, default=0))


def _openness(pipeline: Pipeline, path: Path) -> Iterator[float | None]:
    memory, track = Memory.new(), None
    for at_s, picture in frames(path):
        answer = pipeline.observe([Look(jpeg(picture, QUALITY_PCT), track)])[0]
        assert isinstance(answer, Seen)  # noqa: S101 - we made the JPEG
        track = answer.track
        memory, judgement = judge(memory, answer.observation, at_s)
        yield judgement.openness


def frames(path: Path) -> Iterator[tuple[float, U8]]:
    """Time and RGB picture of every frame."""
    clip = cv2.VideoCapture(str(path))
    try:
        fps = clip.get(cv2.CAP_PROP_FPS) or 25.0
        number = 0
        while True:
            is_read, picture = clip.read()
            if not is_read:
                return
            yield number / fps, np.ascontiguousarray(picture[:, :, ::-1]).astype(np.uint8)
            number += 1
    finally:
        clip.release()


def narrow(picture: U8, width: int = 640) -> U8:
    """The picture as wide as a browser sends a room."""
    height = round(picture.shape[0] * width / picture.shape[1])
    return cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA).astype(np.uint8)


def _marked(spans: Sequence[tuple[int, int]], count: int) -> Marks:
    marks = np.zeros(count, np.bool_)
    for first, last in spans:
        marks[first : last + 1] = True
    return marks


def _runs(marks: Marks) -> list[tuple[int, int]]:
    """First and last index of each run of marks."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], marks, [False]]).astype(int)))
    return [(int(a), int(b) - 1) for a, b in edges.reshape(-1, 2)]
