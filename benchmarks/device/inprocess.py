"""From JPEG bytes to verdicts in one process, without a wire: how many frames a second?

As in a worker: one thread prepares the next batch while another runs this one; hands decode and
cut. Every stream sends its frames in turn, each with the track and the memory of its last one.
"""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import msgspec
import numpy as np

from inference.attention.judge import Memory, judge_many
from inference.perception.look import Look, Seen, Track
from inference.perception.pipeline import Pipeline, Prepared


class FlowRow(msgspec.Struct, frozen=True):
    """What one batch size carries."""

    batch: int
    frames_per_s: float
    p50_ms: float
    """Of a batch, from its bytes to its verdicts, waiting for the one before included."""
    p95_ms: float
    p99_ms: float
    faces_share: float
    """Frames in which the face was found."""


class Flow:
    """Streams that never end.

    Args:
        pipeline: what looks.
        frames: JPEGs of a face; each stream begins somewhere else in them.
        batch: streams.
    """

    def __init__(self, pipeline: Pipeline, frames: Sequence[bytes], batch: int) -> None:
        self._pipeline = pipeline
        self._frames = frames
        self._batch = batch
        self._tracks: list[list[Track | None]] = [[None] * batch for _ in range(2)]
        self._memories = [[Memory.new()] * batch for _ in range(2)]
        self._found = self._seen = 0

    def run(self, seconds: float) -> FlowRow:
        """Two halves of the streams take turns, so that one is prepared while the other runs."""
        ages: list[float] = []
        with ThreadPoolExecutor(1, "staging") as staging:
            for half in (0, 1):
                self._round(half, self._prepare(half, 0), now_s=0.0)
            self._found = self._seen = 0
            began_s = time.perf_counter()
            half, number, since_s = 0, 1, began_s
            waiting = staging.submit(self._prepare, half, number)
            while since_s < began_s + seconds:
                prepared, begun_s = waiting.result(), since_s
                since_s = time.perf_counter()
                waiting = staging.submit(self._prepare, 1 - half, number + half)
                self._round(half, prepared, now_s=number / 2)
                ages.append(time.perf_counter() - begun_s)
                number += half
                half = 1 - half
            lasted_s = time.perf_counter() - began_s
            waiting.result()
        p50, p95, p99 = (round(1000 * float(np.percentile(ages, q)), 2) for q in (50, 95, 99))
        rate = round(self._seen / lasted_s, 1)
        share = round(self._found / max(self._seen, 1), 4)
        return FlowRow(self._batch, rate, p50, p95, p99, share)

    def _prepare(self, half: int, number: int) -> Prepared:
        step = max(1, len(self._frames) // self._batch)
        return self._pipeline.prepare(
            [
                Look(self._frames[(number + index * step) % len(self._frames)], track, at_s=number)
                for index, track in enumerate(self._tracks[half])
            ]
        )

    def _round(self, half: int, prepared: Prepared, now_s: float) -> None:
        results = self._pipeline.run(prepared).results
        seen = [result for result in results if isinstance(result, Seen)]
        self._tracks[half] = [one.track for one in seen]
        judged = judge_many(
            self._memories[half], [one.observation for one in seen], [now_s] * len(seen)
        )
        self._memories[half] = [memory for memory, _ in judged]
        self._seen += len(seen)
        self._found += sum(one.track is not None for one in seen)
