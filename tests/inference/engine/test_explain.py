"""The last plans, and how their batches went."""

from logging import DEBUG, INFO

import msgspec
import pytest
from rapt.errors import Unavailable
from rapt.explained import ExplainedPlan, explanations_at, sentence
from structlog import PrintLogger, make_filtering_bound_logger, wrap_logger
from structlog.testing import LogCapture

from inference.__main__ import main
from inference.engine import explain
from inference.engine.device import Timed
from inference.engine.explain import KEPT_PLANS, Explanations
from inference.engine.held import Batch
from inference.scheduling.latency import LatencyTable
from inference.scheduling.plan import Plan, Waiting, plan
from inference.scheduling.stages import Ran


def planned(explanations: Explanations, now_s: float = 5.0) -> Plan:
    """Make a plan of one frame that waited a second, and keep it."""
    table = LatencyTable((1,))
    table.add(1, 0.01)
    waiting = [Waiting(1, deadline_s=now_s + 9, served_at_s=0, sequence=1, arrived_s=now_s - 1)]
    decided = plan(waiting, table, now_s=now_s)
    explanations.add(decided, waiting, now_s=now_s, load=0.5)
    return decided


def test_only_the_last_plans_are_kept() -> None:
    """Memory is bounded whatever happens."""
    explanations = Explanations()
    for number in range(KEPT_PLANS + 5):
        planned(explanations, 5.0 + number)
    kept = explanations.last()
    assert (len(kept), kept[0].at_s) == (KEPT_PLANS, 10.0)


def test_a_batch_adds_its_times_to_its_own_plan() -> None:
    """Though others have been planned since."""
    explanations = Explanations()
    decided = planned(explanations)
    planned(explanations, 6.0)
    explanations.ran(Batch([], decided), Timed(Ran([], ()), 0.002, 5.5, 0.02))
    first, second = explanations.page()
    assert (first.prepare_s, first.run_s) == (0.002, 0.02)
    assert (second.prepare_s, second.run_s) == (0, 0)


@pytest.mark.parametrize(
    ("level", "events"),
    [
        pytest.param(DEBUG, ["batch_planned", "batch_ran"], id="debug"),
        pytest.param(INFO, [], id="info"),
    ],
)
def test_plans_and_runs_are_in_the_log_for_who_asked_for_them(
    monkeypatch: pytest.MonkeyPatch, level: int, events: list[str]
) -> None:
    """With their numbers; a busy worker forms hundreds of batches a second."""
    said = LogCapture()
    log = wrap_logger(
        PrintLogger(), processors=[said], wrapper_class=make_filtering_bound_logger(level)
    )
    monkeypatch.setattr(explain, "log", log)
    explanations = Explanations()
    decided = planned(explanations)
    explanations.ran(Batch([], decided), Timed(Ran([], ()), 0.002, 5.5, 0.02))
    assert [entry["event"] for entry in said.entries] == events
    assert [entry["log_level"] for entry in said.entries] == ["debug"] * len(events)
    if events:
        plan_said, run_said = said.entries
        assert (plan_said["waiting"], plan_said["bucket"], plan_said["load"]) == (1, 1, 0.5)
        assert (run_said["prepare_s"], run_said["run_s"]) == (0.002, 0.02)


def test_who_is_told_of_a_batch_can_not_break_it() -> None:
    """A fault of whoever traces is no fault of the frames."""
    explanations = Explanations()

    def break_down(_: Batch, __: Timed) -> None:
        raise RuntimeError

    explanations.on_ran = break_down
    explanations.ran(Batch([], planned(explanations)), Timed(Ran([], ()), 0, 5.5, 0.02))


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        pytest.param({}, "2 of 9 frames in bucket 2", id="cut"),
        pytest.param({"cut": "deferred", "batch": 0}, "9 frames waited up to 4.0 ms", id="waited"),
        pytest.param({"cut": "nothing", "batch": 0, "expired": 9}, "9 expired", id="too late"),
    ],
)
def test_a_plan_is_read_out(changes: dict[str, object], text: str) -> None:
    """In one line."""
    row = ExplainedPlan(
        ago_s=1, cut="due", waiting=9, batch=2, bucket=2, expired=0, load=0.9, oldest_s=0.01,
        waits_s=0.004,
    )  # fmt: skip
    said = sentence(msgspec.structs.replace(row, **changes))
    assert text in said
    assert "\n" not in said


def test_nobody_there_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    """For a program, and for a person."""
    with pytest.raises(Unavailable, match=r"127\.0\.0\.1:1"):
        explanations_at("127.0.0.1:1")
    assert main(["explain", "127.0.0.1:1"], {}) == 1
    assert "no worker explains itself at 127.0.0.1:1" in capsys.readouterr().err
