"""Rapt's own pipeline on the same frames, and how often its mesh looked at each."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from benchmarks.landmarks.scenes import Scene
from inference.perception.look import Look, Track, Wants
from inference.perception.pipeline import Pipeline

F32 = npt.NDArray[np.float32]

MESH = "attention_mesh"
NO_SEARCH = Wants(redetect_s=1e9)
"""MediaPipe never looks for others while it follows as many faces as it may."""


def landmarks(pipeline: Pipeline, scene: Scene) -> tuple[F32, list[int]]:
    """Find the face of each frame, one stream, one frame after the other.

    Returns:
        (N, 478, 3) pixels of the frame as it was sent, NaN where there is no face; the mesh's
        passes over each frame.
    """
    marks = np.full((len(scene.frames), 478, 3), np.nan, np.float32)
    passes: list[int] = []
    track: Track | None = None
    for index, frame in enumerate(scene.frames):
        look = Look(frame, track if scene.follows else None, NO_SEARCH, index * scene.step_s)
        prepared = pipeline.prepare([look])
        ran = pipeline.find(prepared)
        passes.append(sum(run.items for run in ran.stages if run.stage == MESH))
        [picture], _ = prepared.readable()
        [face] = ran.results
        track = None
        if face is not None:
            track = face.track(picture.pixels.shape[1])
            marks[index] = face.mesh.landmarks * np.float32(picture.scale)
    return marks, passes


class Streams:
    """Some streams that send their frames at the same time, followed in batches.

    Args:
        pipeline: what looks at them.
        frames: of all streams, those of one after those of the other.
        streams: how many.
    """

    def __init__(self, pipeline: Pipeline, frames: Sequence[bytes], streams: int) -> None:
        each = len(frames) // streams
        self.frames = each * streams
        self._pipeline = pipeline
        self._rounds = [[frames[s * each + i] for s in range(streams)] for i in range(each)]
        self._tracks: list[Track | None] = [None] * streams

    def find(self) -> int:
        """Find the landmarks of every frame; return how many faces there were."""
        found = 0
        for frames in self._rounds:
            prepared = self._pipeline.prepare(self._looks(frames))
            pictures, _ = prepared.readable()
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
