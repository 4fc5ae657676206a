"""What does each step take on this device?"""

import pytest

from inference.device import Timed
from inference.metrics import Metrics
from inference.scheduling.latency import LatencyTable
from inference.stages import Ran, StageRun
from inference.times import Times


def a_run(prepare_s: float, run_s: float, *stages: StageRun) -> Timed:
    """Return a batch that took so long."""
    return Timed(Ran([], stages), prepare_s, 1.0, run_s)


def test_each_step_is_learned_and_shown_by_stage_and_bucket() -> None:
    """The host's part, the whole run, and every network in its own bucket, rounded up."""
    metrics = Metrics()
    times = Times(LatencyTable((1, 2, 4)), metrics)
    times.learn(
        4, a_run(0.004, 0.020, StageRun("mesh", 3, 3, 0.015), StageRun("eyes", 9, 9, 0.002))
    )
    shown = {
        (sample.labels["stage"], sample.labels["bucket"]): sample.value
        for family in metrics.registry.collect()
        for sample in family.samples
        if sample.name == "rapt_latency_table_seconds"
    }
    assert shown == {
        ("prepare", "4"): 0.004,
        ("run", "4"): 0.020,
        ("mesh", "4"): 0.015,
        ("eyes", "4"): 0.002,
    }


def test_a_frame_needs_its_preparation_and_its_answer_besides_the_run() -> None:
    """By the number of those that share them."""
    times = Times(LatencyTable((1, 2, 4)), Metrics())
    times.learn(1, a_run(0.001, 0.005))
    times.learn(4, a_run(0.004, 0.020))
    assert times.prepare_s(1) == 0.001
    assert times.prepare_s(3) == times.prepare_s(9) == 0.004
    assert times.around_s(1) >= times.prepare_s(1)


def test_a_late_loop_is_late_for_one_face_as_for_many() -> None:
    """Learned once for all sizes, and added to what each takes to prepare."""
    times = Times(LatencyTable((1, 4)), Metrics())
    for bucket, prepare_s in ((1, 0.001), (4, 0.004)):
        times.learn(bucket, Timed(Ran([], ()), prepare_s, 1.0, 0.02, ready_s=prepare_s + 0.005))
    assert times.prepare_s(1) == pytest.approx(0.006)
    assert times.prepare_s(4) == pytest.approx(0.009)


@pytest.mark.parametrize(
    ("prepare_s", "expected_s"),
    [pytest.param(0.004, 0.005, id="device"), pytest.param(0.04, 0.01, id="host")],
)
def test_capacity_is_that_of_the_slower_of_host_and_device(
    prepare_s: float, expected_s: float
) -> None:
    """Decoding can be the narrow place of a fast device."""
    times = Times(LatencyTable((4,)), Metrics())
    times.learn(4, a_run(prepare_s, 0.020))
    assert times.frame_s() == pytest.approx(expected_s)


def test_nobody_knows_when_a_run_ends_that_was_never_measured() -> None:
    """So the next batch is formed after it, not before."""
    times = Times(LatencyTable((1,)), Metrics())
    assert times.earliest_s(1) > 60
    for run_s in (0.010, 0.012, 0.010):
        times.learn(1, a_run(0.0, run_s))
    assert 0.008 < times.earliest_s(1) <= 0.010
