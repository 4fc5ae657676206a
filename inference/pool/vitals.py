"""How is a worker doing? Read off its own metrics, over the last ten seconds.

Counters only grow, so the difference of two readings is what happened between them.
The device's busy time is none of it: a device that always works while a frame waits is busy all the
time at 40 % load. And what arrives is little where streams were asked for fewer frames, so what
they would send otherwise counts as well: else a pool would shrink because it is too small.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import fmean

from prometheus_client.metrics import MetricWrapperBase
from prometheus_client.samples import Sample

from inference.metrics import ARRIVING, OPEN, Metrics

WINDOW_S = 10.0
STEADY = 0.2
"""A capacity that differs by less is told as before: each change moves the places of sessions."""


@dataclass(frozen=True, slots=True)
class Vitals:
    """What a worker announces about itself."""

    capacity: float
    """Frames a second, about."""
    load: float
    """Share of the device that what arrives needs, and what all open streams need where none steps
    down, whichever is larger: 0..1."""
    streams: int
    refused: int
    """Openings, since the start."""
    fresh_share: float
    """Of the seconds of playing with a camera, those with a verdict; 1 when there were none."""
    age_p95_s: float
    """Of the frames, at their verdict; 0 when there were none."""


@dataclass(frozen=True, slots=True)
class _Reading:
    at_s: float
    fresh: float
    stale: float
    arriving: float
    ages: tuple[tuple[float, float], ...]
    """Upper limit of each bucket, and how many are not above it."""


class Monitor:
    """Reads the metrics of one worker, about once a second."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._readings: deque[_Reading] = deque()
        self._capacity = 0.0

    def now(self, now_s: float) -> Vitals:
        """Return how the worker is doing."""
        newest = self._read(now_s)
        while len(self._readings) > 1 and self._readings[1].at_s <= now_s - WINDOW_S:
            self._readings.popleft()
        oldest = self._readings[0] if self._readings else newest
        self._readings.append(newest)
        fresh, stale = newest.fresh - oldest.fresh, newest.stale - oldest.stale
        arriving = fmean(reading.arriving for reading in self._readings)
        return Vitals(
            capacity=self._steady(_total(self._metrics.capacity)),
            load=min(max(arriving, _of_kind(self._metrics.device_load, OPEN)), 1.0),
            streams=round(_total(self._metrics.streams_open)),
            refused=round(_total(self._metrics.streams_refused)),
            fresh_share=fresh / (fresh + stale) if fresh + stale > 0 else 1.0,
            age_p95_s=_percentile(oldest.ages, newest.ages, 0.95),
        )

    def _steady(self, capacity: float) -> float:
        if abs(capacity - self._capacity) > STEADY * self._capacity:
            self._capacity = capacity
        return self._capacity

    def _read(self, now_s: float) -> _Reading:
        metrics = self._metrics
        by_fresh = _by(metrics.stream_seconds, "fresh")
        ages = tuple(
            (float(sample.labels["le"]), sample.value)
            for sample in _samples(metrics.frame_age, "_bucket")
        )
        return _Reading(
            at_s=now_s,
            fresh=by_fresh.get("yes", 0.0),
            stale=by_fresh.get("no", 0.0),
            arriving=_of_kind(metrics.device_load, ARRIVING),
            ages=ages,
        )


def _samples(metric: MetricWrapperBase, suffix: str = "") -> Iterable[Sample]:
    """Return the samples of a metric; times of creation are none of them."""
    for family in metric.collect():
        for sample in family.samples:
            if sample.name.endswith(suffix) and not sample.name.endswith("_created"):
                yield sample


def _by(metric: MetricWrapperBase, label: str) -> dict[str, float]:
    return {sample.labels[label]: sample.value for sample in _samples(metric)}


def _of_kind(metric: MetricWrapperBase, kind: str) -> float:
    return _by(metric, "kind").get(kind, 0.0)


def _total(metric: MetricWrapperBase) -> float:
    return sum(sample.value for sample in _samples(metric))


def _percentile(
    before: tuple[tuple[float, float], ...], after: tuple[tuple[float, float], ...], share: float
) -> float:
    """Return the upper limit of the bucket in which the percentile lies."""
    old = dict(before)
    counts = [(limit, count - old.get(limit, 0.0)) for limit, count in after]
    if not counts or counts[-1][1] <= 0:
        return 0.0
    wanted = share * counts[-1][1]
    finite = [limit for limit, count in counts if count >= wanted and limit != float("inf")]
    return finite[0] if finite else counts[-2][0]
