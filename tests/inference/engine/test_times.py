"""What does each step take on this device?"""

import pytest

from inference.engine.device import Timed
from inference.engine.times import Times
from inference.metrics import Metrics
from inference.scheduling.latency import LatencyTable
from inference.scheduling.plan import Cut, Plan
from inference.scheduling.shares import EQUAL, Waiting
from inference.scheduling.stages import Ran, StageRun


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


def test_run_and_answer_are_counted_on_together() -> None:
    """They are seldom slow at the same time, so the p95 of the sum is less than both p95s."""
    times = Times(LatencyTable((1,)), Metrics())
    for run_s, answer_s in [(0.010, 0.001)] * 36 + [(0.030, 0.001)] * 2 + [(0.010, 0.003)] * 2:
        times.learn(1, a_run(0.0, run_s), answer_s=answer_s)
    assert times.p95_s(1) == pytest.approx(0.013)
    assert times.mean_s(1) < 0.02


def test_preparing_takes_as_long_as_those_that_share_it_need() -> None:
    """By the number of those that share them."""
    times = Times(LatencyTable((1, 2, 4)), Metrics())
    times.learn(1, a_run(0.001, 0.005))
    times.learn(4, a_run(0.004, 0.020))
    assert times.prepare_s(1) == 0.001
    assert times.prepare_s(3) == times.prepare_s(9) == 0.004


def test_a_late_loop_is_late_for_one_face_as_for_many() -> None:
    """Learned once for all sizes, and added to what each takes to prepare."""
    times = Times(LatencyTable((1, 4)), Metrics())
    for bucket, prepare_s in ((1, 0.001), (4, 0.004)):
        times.learn(bucket, Timed(Ran([], ()), prepare_s, 1.0, 0.02, ready_s=prepare_s + 0.005))
    assert times.prepare_s(1) == pytest.approx(0.006)
    assert times.prepare_s(4) == pytest.approx(0.009)


def test_batches_are_formed_ahead_of_a_late_loop_but_frames_not_refused_for_it() -> None:
    """Moments in which it stood still move the forming by half a run at most, and no deadline."""
    times = Times(LatencyTable((1,)), Metrics())
    for ready_s in [0.500] * 6 + [0.001] * 58:
        times.learn(1, Timed(Ran([], ()), 0.0, 1.0, 0.02, ready_s=ready_s))
    assert times.prepare_s(1) < 0.003
    assert times.ahead_s(1) == pytest.approx(0.01)


def test_a_batch_that_has_room_is_formed_later_than_a_full_one() -> None:
    """Whoever comes a moment later would wait for a whole run more."""
    times = Times(LatencyTable((1, 4)), Metrics())
    for ready_s in [0.500] * 6 + [0.001] * 58:
        times.learn(4, Timed(Ran([], ()), 0.0, 1.0, 0.02, ready_s=ready_s))
    assert times.ahead_s(3) == pytest.approx(0.0025)
    assert times.ahead_s(4) == pytest.approx(0.01)


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
    for run_s in (0.011, 0.040, 0.010):
        times.learn(1, a_run(0.0, run_s))
    assert times.earliest_s(1) == 0.010


def test_what_stood_in_each_step_is_counted_by_stage() -> None:
    """The batch in frames, each network in what it was given; the warm-up is left out."""
    metrics = Metrics()
    times = Times(LatencyTable((1, 2, 4)), metrics)
    run = a_run(0.004, 0.020, StageRun("mesh", 8, 5, 0.015), StageRun("eyes", 4, 4, 0.002))
    times.learn(4, run)
    times.learn(4, run, answer_s=0.001)
    times.count(4, 3, [0.01, 0.02, 0.03])
    value = metrics.registry.get_sample_value
    found = {
        stage: (
            value("rapt_batch_frames_count", {"stage": stage}),
            value("rapt_batch_frames_sum", {"stage": stage}),
            value("rapt_batch_padding_total", {"stage": stage}),
        )
        for stage in ("run", "mesh", "eyes")
    }
    assert found == {"run": (1, 3, 1), "mesh": (1, 5, 3), "eyes": (1, 4, 0)}
    assert value("rapt_queue_wait_seconds_count", {"stage": "run", "bucket": "4"}) == 3


def test_a_room_that_no_bucket_holds_does_not_make_the_bucket_slow() -> None:
    """Thirty faces are four runs of eight."""
    times = Times(LatencyTable((1, 8)), Metrics())
    room = Waiting(0, deadline_s=9.0, served_at_s=0.0, cost=30)
    decided = Plan((room,), 8, (), Cut.FULL, None, EQUAL)
    times.answered(decided, a_run(0.001, 0.080), [0.01], answer_s=0.0)
    assert times.mean_s(8) == pytest.approx(0.020)
    assert times.frame_s() == pytest.approx(0.0025)
