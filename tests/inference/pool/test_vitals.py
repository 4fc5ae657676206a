"""How a worker is doing, read off its metrics."""

import pytest

from inference.metrics import Metrics
from inference.pool.vitals import WINDOW_S, Monitor


def test_a_worker_that_has_done_nothing_is_well() -> None:
    """No frame is no stale frame."""
    vitals = Monitor(Metrics()).now(1.0)
    assert (vitals.fresh_share, vitals.age_p95_s, vitals.load) == (1.0, 0.0, 0.0)


def test_only_what_happened_lately_counts() -> None:
    """An hour of good answers does not hide a bad minute."""
    metrics = Metrics()
    monitor = Monitor(metrics)
    metrics.stream_seconds.labels("yes").inc(100_000)
    metrics.device_busy.inc(5000)
    for _ in range(100):
        metrics.frame_age.observe(0.02)
    monitor.now(0.0)
    metrics.stream_seconds.labels("no").inc(30)
    metrics.stream_seconds.labels("yes").inc(70)
    metrics.device_busy.inc(WINDOW_S / 4)
    for _ in range(10):
        metrics.frame_age.observe(0.9)
    vitals = monitor.now(WINDOW_S)
    assert vitals.fresh_share == pytest.approx(0.7)
    assert vitals.load == pytest.approx(0.25)
    assert vitals.age_p95_s == 1.0  # the upper limit of its bucket


def test_what_is_gone_is_forgotten() -> None:
    """Ten seconds later a bad moment is over."""
    metrics = Metrics()
    monitor = Monitor(metrics)
    metrics.stream_seconds.labels("no").inc(5)
    looks = [monitor.now(float(second)) for second in range(int(2 * WINDOW_S) + 1)]
    assert looks[-1].fresh_share == 1.0


def test_an_age_beyond_every_bucket_is_the_largest_limit() -> None:
    """Never infinite: it goes into JSON."""
    metrics = Metrics()
    monitor = Monitor(metrics)
    monitor.now(0.0)
    metrics.frame_age.observe(1000.0)
    assert monitor.now(1.0).age_p95_s == 5.0


def test_a_capacity_that_hardly_changes_is_told_as_before() -> None:
    """Or sessions that come back would find themselves elsewhere."""
    metrics = Metrics()
    monitor = Monitor(metrics)
    told = []
    for number, capacity in enumerate((100.0, 115.0, 85.0, 130.0, 120.0)):
        metrics.capacity.set(capacity)
        told.append(monitor.now(float(number)).capacity)
    assert told == [100.0, 100.0, 100.0, 130.0, 130.0]


def test_capacity_streams_and_refusals_are_taken_as_they_are() -> None:
    """What is counted elsewhere."""
    metrics = Metrics()
    metrics.capacity.set(250.0)
    metrics.streams_open.set(7)
    metrics.streams_refused.labels("pool_full").inc(2)
    vitals = Monitor(metrics).now(0.0)
    assert (vitals.capacity, vitals.streams, vitals.refused) == (250.0, 7, 2)
