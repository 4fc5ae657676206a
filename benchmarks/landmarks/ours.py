"""Rapt's own pipeline on the same frames, and how often its mesh looked at each."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from inference.perception import points
from inference.perception.crop import regions_from_landmarks
from inference.perception.look import Look, Track, Wants
from inference.perception.pipeline import Pipeline
from inference.perception.track import Place

F32 = npt.NDArray[np.float32]

MESH = "attention_mesh"
NO_SEARCH = Wants(redetect_s=1e9)
"""MediaPipe never looks for others while it follows as many faces as it may."""


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """What one frame showed."""

    landmarks: F32
    """(478, 3) pixels of the frame as it was sent, NaN where there is no face."""
    passes: int
    """How often the mesh looked."""
    track: Track | None
    faces: int = 0
    """How many faces are in the picture."""


def find(pipeline: Pipeline, frame: bytes, track: Track | None) -> Found:
    """Find the face of one frame."""
    prepared = pipeline.prepare([Look(frame, track, NO_SEARCH, at_s=0.0)])
    ran = pipeline.find(prepared)
    passes = sum(run.items for run in ran.stages if run.stage == MESH)
    [picture], _, _ = prepared.readable()
    [face] = ran.results
    if face is None:
        return Found(np.full((points.ALL_POINTS, 3), np.nan, np.float32), passes, None)
    marks = face.mesh.landmarks * np.float32(picture.scale)
    return Found(marks, passes, face.track(picture.pixels.shape[1]), face.faces)


def track_of(landmarks: F32, width_px: int) -> Track | None:
    """Follow on from (478, 3) landmarks that somebody else found; NaN is nobody."""
    if np.isnan(landmarks).any():
        return None
    x, y, side, angle_rad = regions_from_landmarks(landmarks[None])[0].astype(float)
    return Track(Place(x / width_px, y / width_px, side / width_px, angle_rad, number=1))


class Streams:
    """Some streams that send their frames at the same time, followed in batches.

    Args:
        pipeline: what looks at them.
        frames: of all streams, those of one after those of the other.
        streams: how many. Each goes through its frames forth and back, so that nobody jumps.
    """

    def __init__(self, pipeline: Pipeline, frames: Sequence[bytes], streams: int) -> None:
        each = len(frames) // streams
        self._pipeline = pipeline
        forth = [[frames[s * each + i] for s in range(streams)] for i in range(each)]
        self._rounds = forth + forth[::-1]
        self._tracks: list[Track | None] = [None] * streams

    def find(self) -> int:
        """Find the landmarks of every frame; return how many faces there were."""
        found = 0
        for frames in self._rounds:
            prepared = self._pipeline.prepare(self._looks(frames))
            pictures, _, _ = prepared.readable()
            faces = self._pipeline.find(prepared).results
            for index, (picture, face) in enumerate(zip(pictures, faces, strict=True)):
                self._tracks[index] = face.track(picture.pixels.shape[1]) if face else None
                found += face is not None
        return found

    def observe(self) -> int:
        """Measure everything in every frame; return how many faces there were."""
        found = 0
        for frames in self._rounds:
            for index, seen in enumerate(self._pipeline.observe(self._looks(frames))):
                self._tracks[index] = getattr(seen, "track", None)
                found += self._tracks[index] is not None
        return found

    def _looks(self, frames: Sequence[bytes]) -> list[Look]:
        return [
            Look(frame, track, NO_SEARCH, at_s=0.0)
            for frame, track in zip(frames, self._tracks, strict=True)
        ]
