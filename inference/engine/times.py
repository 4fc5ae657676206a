"""What does each step take on this device? Learned from every batch, and shown to the operator.

The plan asks for the whole of a batch, from the start of its run to its last answer, because its
networks share one device and run one after the other, and then it is answered: the p95 of their sum
is less than the sum of their p95s, by much where the machine is busy with something else now and
then. Each step's own times are kept beside it, for people.
"""

from collections.abc import Sequence

from prometheus_client import Gauge, Histogram

from inference.engine.device import Timed
from inference.metrics import Metrics
from inference.scheduling.latency import LatencyTable
from inference.scheduling.plan import Cut, Plan

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
        self._whole = LatencyTable(table.buckets)
        self._late = LatencyTable((1,))
        self._shown: dict[tuple[str, int], tuple[Histogram, Gauge]] = {}
        """What shows each step in each bucket."""

    @property
    def buckets(self) -> tuple[int, ...]:
        """Sizes of a run, ascending."""
        return self.run.buckets

    def mean_s(self, bucket: int) -> float:
        """Return the usual time of a run."""
        return self.run.mean_s(bucket)

    def p95_s(self, bucket: int) -> float:
        """Return the time to count on from the start of a run to the last of its answers."""
        return max(self._whole.p95_s(bucket), self.run.p95_s(bucket))

    def frame_s(self) -> float:
        """Return seconds per face in the best bucket, of whichever is slower, device or host."""
        return max(self.run.frame_s(), self._tables[PREPARE].frame_s())

    def prepare_s(self, items: int) -> float:
        """Return what to count on before a run of so many faces, the loop's usual lateness too.

        Not its p95: that is a moment in which the machine stood still, and to refuse what would be
        late then is to refuse most of what will not.
        """
        table = self._tables[PREPARE]
        return table.p95_s(table.fitting(items)) + self._late.mean_s(1)

    def ahead_s(self, items: int) -> float:
        """Return how long before the device is free a batch of so many faces is to be formed.

        Here the loop's p95 counts: a device that waits for a late batch loses all that time. But no
        more than half a run, since what is formed so early is older when it is answered; and an
        eighth where there is room, since whoever comes meanwhile waits for a whole run more.
        """
        bucket, is_full = self.run.fitting(items), items >= self.buckets[-1]
        late_s = min(self._late.p95_s(1), self.run.mean_s(bucket) / (2 if is_full else 8))
        return self._tables[PREPARE].p95_s(bucket) + max(late_s, self._late.mean_s(1))

    def earliest_s(self, bucket: int) -> float:
        """Return after how long a run may be over; nobody knows of one that was never measured."""
        return self.run.p05_s(bucket) if self.run.mean_s(bucket) > 0 else _LONG_S

    def answered(
        self, decided: Plan, timed: Timed, waits_s: Sequence[float], *, answer_s: float
    ) -> None:
        """Count a batch and learn from it, after its answers left."""
        bucket, is_probe = decided.bucket, decided.cut is Cut.PROBE
        self.count(bucket, len(timed.ran.results), waits_s)
        self.learn(bucket, timed, answer_s=answer_s, is_probe=is_probe, runs=decided.runs)

    def learn(
        self,
        bucket: int,
        timed: Timed,
        *,
        answer_s: float | None = None,
        is_probe: bool = False,
        runs: int = 1,
    ) -> None:
        """Take the times of one batch.

        Args:
            bucket: that it ran in.
            timed: what the device says.
            answer_s: what its answers took; None when there were none.
            is_probe: whether it was run to see how long that takes.
            runs: of the bucket, one after the other; more than one for a room that none holds.
        """
        self._add(RUN, bucket, timed.run_s / runs, is_probe=is_probe)
        self._add(PREPARE, bucket, timed.prepare_s, is_probe=is_probe)
        if answer_s is not None:
            self._add(ANSWER, bucket, answer_s, is_probe=is_probe)
        self._whole.add(bucket, timed.run_s / runs + (answer_s or 0.0), is_probe=is_probe)
        self._late.add(1, max(timed.ready_s - timed.prepare_s, 0.0), is_probe=is_probe)
        for stage in timed.ran.stages:
            self._add(stage.stage, stage.bucket, stage.run_s)
            if answer_s is not None:  # the warm-up says nothing of what comes
                self._fill(stage.stage, stage.bucket, stage.items)
            if stage.stage == DECODE:
                self._metrics.decode.labels(str(stage.bucket)).observe(stage.run_s)
        self._metrics.device_busy.inc(timed.run_s)
        self._metrics.capacity.set(1 / max(self.frame_s(), 1e-6))

    def count(self, bucket: int, frames: int, waits_s: Sequence[float]) -> None:
        """Count the frames of a batch, and how long those had waited that are still wanted."""
        self._fill(RUN, bucket, frames)
        waited = self._metrics.queue_wait.labels(RUN, str(bucket))
        for wait_s in waits_s:
            waited.observe(wait_s)

    def learned(self, took_s: float) -> None:
        """Note how long the warm-up took."""
        self._metrics.warm_up.set(took_s)

    def _fill(self, stage: str, bucket: int, items: int) -> None:
        """Count what stood in the places of one step."""
        self._metrics.batch_frames.labels(stage).observe(items)
        self._metrics.batch_padding.labels(stage).inc(max(bucket - items, 0))

    def _add(self, stage: str, bucket: int, took_s: float, *, is_probe: bool = False) -> None:
        table = self._tables.setdefault(stage, LatencyTable(self.run.buckets))
        bucket = table.fitting(bucket)
        if table.add(bucket, took_s, is_probe=is_probe):
            self._metrics.run_outliers.labels(stage, str(bucket)).inc()
        shown = self._shown.get((stage, bucket))
        if shown is None:
            labels = (stage, str(bucket))
            shown = self._metrics.run.labels(*labels), self._metrics.run_times.labels(*labels)
            self._shown[stage, bucket] = shown
        shown[0].observe(took_s)
        shown[1].set(table.p95_s(bucket))
