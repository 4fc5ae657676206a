"""What does each step take on this device? Learned from every batch, and shown to the operator.

The plan asks for the whole run of a batch, because the networks of a batch share one device and
run one after the other: the p95 of their sum is less than the sum of their p95s. Each network's own
times are kept beside it, for people.
"""

import time
from collections.abc import Sequence

from inference.device import Timed
from inference.metrics import Metrics
from inference.scheduling.latency import LatencyTable

_LONG_S = 3600.0

RUN, PREPARE, ANSWER = "run", "prepare", "answer"
DECODE = "decode"
"""The step of `prepare` that a pipeline of pictures reports by itself."""


class Times:
    """The latency tables of one device."""

    def __init__(self, table: LatencyTable, metrics: Metrics) -> None:
        self.run = table
        self._metrics = metrics
        self._tables = {stage: LatencyTable(table.buckets) for stage in (PREPARE, ANSWER)}
        self._tables[RUN] = table
        self._late = LatencyTable((1,))

    def frame_s(self) -> float:
        """Return seconds per face in the best bucket, of whichever is slower, device or host."""
        return max(self.run.frame_s(), self._tables[PREPARE].frame_s())

    def prepare_s(self, items: int) -> float:
        """Return what the host needs before a run of so many faces.

        How late the loop and its threads usually are counts, too, whatever the number: a batch that
        is formed without that is not ready when the device is, and a tenth of its time is lost.
        """
        table = self._tables[PREPARE]
        return table.p95_s(table.fitting(items)) + self._late.p95_s(1)

    def around_s(self, items: int) -> float:
        """Return what a batch of so many faces needs besides its run."""
        table = self._tables[ANSWER]
        return self.prepare_s(items) + table.p95_s(table.fitting(items))

    def earliest_s(self, bucket: int) -> float:
        """Return after how long a run may be over; nobody knows of one that was never measured."""
        if self.run.mean_s(bucket) == 0.0:
            return _LONG_S
        spread_s = self.run.p95_s(bucket) - self.run.mean_s(bucket)
        return max(self.run.mean_s(bucket) - spread_s, 0.0)

    def learn(self, bucket: int, timed: Timed, *, is_probe: bool = False) -> None:
        """Take the times of one batch."""
        self._add(RUN, bucket, timed.run_s, is_probe=is_probe)
        self._add(PREPARE, bucket, timed.prepare_s, is_probe=is_probe)
        self._late.add(1, max(timed.ready_s - timed.prepare_s, 0.0), is_probe=is_probe)
        for stage in timed.ran.stages:
            self._add(stage.stage, stage.bucket, stage.run_s)
            if stage.stage == DECODE:
                self._metrics.decode.labels(str(stage.bucket)).observe(stage.run_s)
        self._metrics.device_busy.inc(timed.run_s)
        self._metrics.capacity.set(1 / max(self.frame_s(), 1e-6))

    def count(self, bucket: int, frames: int, waits_s: Sequence[float]) -> None:
        """Count the frames of a batch, and how long those had waited that are still wanted."""
        self._metrics.batch_frames.observe(frames)
        self._metrics.batch_padding.inc(max(bucket - frames, 0))
        waited = self._metrics.queue_wait.labels(str(bucket))
        for wait_s in waits_s:
            waited.observe(wait_s)

    def learned(self, took_s: float) -> None:
        """Note how long the warm-up took."""
        self._metrics.warm_up.set(took_s)

    def learn_answer(self, bucket: int, began_s: float, *, is_probe: bool = False) -> None:
        """Take how long the answers of a batch took."""
        self._add(ANSWER, bucket, time.perf_counter() - began_s, is_probe=is_probe)

    def _add(self, stage: str, bucket: int, took_s: float, *, is_probe: bool = False) -> None:
        table = self._tables.setdefault(stage, LatencyTable(self.run.buckets))
        bucket = table.fitting(bucket)
        labels = (stage, str(bucket))
        if table.add(bucket, took_s, is_probe=is_probe):
            self._metrics.run_outliers.labels(*labels).inc()
        self._metrics.run.labels(*labels).observe(took_s)
        self._metrics.run_times.labels(*labels).set(table.p95_s(bucket))
