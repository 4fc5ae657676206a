"""What is measured on real people, in the full check: RAPT_EVAL_DATA names the clips' folder.

The clips are no part of the repository and only numbers come out. Nobody counted the faces of the
class by hand, and the two measures of lids are compared with each other, not with the truth.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from inference.perception.decode import Picture
from inference.perception.look import Look, Seen, Track, Wants
from inference.perception.observation import Observation
from inference.perception.pipeline import Pipeline
from inference.perception.room import YuNet
from tests.inference.perception.puppet import U8, to_jpeg

CLOSED_RATIO, OPEN_RATIO = 0.15, 0.20
"""Below and above these eye aspect ratios nobody doubts."""


def clip(name: str) -> Path:
    """Path of a clip; skips where it is not."""
    folder = os.environ.get("RAPT_EVAL_DATA")
    if folder is None:
        pytest.skip("RAPT_EVAL_DATA is not set: it names the folder of the evaluation clips")
    path = Path(folder) / name
    if not path.is_file():
        pytest.skip(f"{name} is not in RAPT_EVAL_DATA")
    return path


def frames(path: Path, every: int = 1) -> Iterator[U8]:
    """RGB pictures of every so many frames."""
    reader = cv2.VideoCapture(str(path))
    number = 0
    while True:
        is_read, bgr = reader.read()
        if not is_read:
            return
        if number % every == 0:
            yield np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8)
        number += 1


def test_a_class_is_found(full_pipeline: Pipeline) -> None:
    """Of seven people on every tenth frame; measured 165 boxes, 160 of them faces to the mesh."""
    pictures = list(frames(clip("classroom_7_students.mp4"), every=10))
    finder = full_pipeline._follower._room_finder
    assert isinstance(finder, YuNet)
    boxes = finder.regions([Picture.of(rgb) for rgb in pictures])
    assert sum(map(len, boxes)) >= 160
    looks = [Look(to_jpeg(rgb, quality=80), wants=Wants(room=True)) for rgb in pictures]
    people = [s.observation.room for s in full_pipeline.observe(looks) if isinstance(s, Seen)]
    assert sum(map(len, people)) >= 155
    assert max(map(len, people)) == 7
    heads = [face.head_yaw_rad for room in people for face in room]
    assert sum(yaw is not None for yaw in heads) >= 130


@pytest.fixture(scope="module")
def one_face(full_pipeline: Pipeline) -> list[Observation]:
    """The clip of one face, followed at its own rate."""
    track: Track | None = None
    measured = []
    for number, rgb in enumerate(frames(clip("blink_face.mp4"))):
        look = Look(to_jpeg(rgb), track, Wants(expression=True), at_s=number / 24)
        [seen] = full_pipeline.observe([look])
        assert isinstance(seen, Seen)
        track = seen.track
        measured.append(seen.observation)
    return measured


def test_lids_by_network_agree_with_lids_by_landmarks(one_face: list[Observation]) -> None:
    """Measured: closed 0.967 of 182, open 0.993 of 272."""
    ratios = np.array([seen.eye_aspect_ratio for seen in one_face], float)
    closed = np.array([seen.eyes_closed_probability for seen in one_face], float)
    assert len(one_face) == 472
    assert (closed[ratios < CLOSED_RATIO] > 0.5).mean() >= 0.95
    assert (closed[ratios > OPEN_RATIO] < 0.5).mean() >= 0.98


def test_gaze_by_network_agrees_with_gaze_by_irises(
    one_face: list[Observation], pipeline: Pipeline
) -> None:
    """Two ways to measure one thing; measured correlation of yaw 0.99, of pitch 0.78."""
    if pipeline._measurer._gaze is not None:
        pytest.skip("this checkout has the optional networks built")
    track: Track | None = None
    pairs = []
    for rgb, by_network in zip(frames(clip("blink_face.mp4")), one_face, strict=True):
        [seen] = pipeline.observe([Look(to_jpeg(rgb), track)])
        assert isinstance(seen, Seen)
        track = seen.track
        by_irises = seen.observation
        if (by_irises.eye_aspect_ratio or 0.0) > OPEN_RATIO:
            found = (by_network.gaze_yaw_rad, by_irises.gaze_yaw_rad)
            pairs.append((*found, by_network.gaze_pitch_rad, by_irises.gaze_pitch_rad))
    known = np.array([pair for pair in pairs if None not in pair], float)
    assert len(known) > 200
    assert np.corrcoef(known[:, 0], known[:, 1])[0, 1] > 0.95
    assert np.corrcoef(known[:, 2], known[:, 3])[0, 1] > 0.6
