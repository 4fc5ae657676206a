"""How a worker is doing, read off its metrics."""

import pytest

from inference.metrics import ARRIVING, OPEN, Metrics
from inference.pool.scaling import Signs, is_easy, is_short
from inference.pool.vitals import WINDOW_S, Monitor


def signs_of_two(metrics: Metrics) -> Signs:
    """Return how a pool of two such workers does, after a while in which nothing changed."""
    monitor, busy_share = Monitor(metrics), 0.95
    for second in range(int(2 * WINDOW_S)):
        metrics.device_busy.inc(busy_share)
        vitals = monitor.now(float(second))
    return Signs(
        ready=2,
        warming=0,
        fresh_share=vitals.fresh_share,
        age_p95_s=vitals.age_p95_s,
        load=vitals.load,
        refused=vitals.refused,
    )


def test_a_worker_that_has_done_nothing_is_well() -> None:
    """No frame is no stale frame."""
    vitals = Monitor(Metrics()).now(1.0)
    assert (vitals.fresh_share, vitals.age_p95_s, vitals.load) == (1.0, 0.0, 0.0)


def test_only_what_happened_lately_counts() -> None:
    """An hour of good answers does not hide a bad minute."""
    metrics = Metrics()
    monitor = Monitor(metrics)
    metrics.stream_seconds.labels("yes").inc(100_000)
    for _ in range(100):
        metrics.frame_age.observe(0.02)
    monitor.now(0.0)
    metrics.stream_seconds.labels("no").inc(30)
    metrics.stream_seconds.labels("yes").inc(70)
    for _ in range(10):
        metrics.frame_age.observe(0.9)
    vitals = monitor.now(WINDOW_S)
    assert vitals.fresh_share == pytest.approx(0.7)
    assert vitals.age_p95_s == 1.0  # the upper limit of its bucket


@pytest.mark.parametrize(
    ("arriving", "of_open", "load", "short", "easy"),
    [
        pytest.param(0.1, 0.2, 0.2, False, True, id="hardly anything"),
        pytest.param(0.4, 0.4, 0.4, False, False, id="less than half"),
        pytest.param(0.9, 0.5, 0.9, True, False, id="more comes than was asked for"),
        pytest.param(0.45, 0.9, 0.9, True, False, id="fewer frames were asked for"),
        pytest.param(1.7, 3.4, 1.0, True, False, id="more than there is"),
    ],
)
def test_a_busy_device_may_have_room(
    arriving: float,
    of_open: float,
    load: float,
    short: bool,  # noqa: FBT001 - a column of the table
    easy: bool,  # noqa: FBT001 - a column of the table
) -> None:
    """It is busy 95 % of the time in every case; what is needed of it says how the pool does."""
    metrics = Metrics()
    metrics.device_load.labels(ARRIVING).set(arriving)
    metrics.device_load.labels(OPEN).set(of_open)
    signs = signs_of_two(metrics)
    assert signs.load == pytest.approx(load)
    assert (is_short(signs), is_easy(signs)) == (short, easy)


def test_a_burst_is_no_load() -> None:
    """What arrives swings from second to second; ten of them count."""
    metrics = Metrics()
    monitor = Monitor(metrics)
    for second in range(int(WINDOW_S)):
        metrics.device_load.labels(ARRIVING).set(1.0 if second % 5 == 4 else 0.2)
        vitals = monitor.now(float(second))
    assert vitals.load == pytest.approx(0.36)


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
