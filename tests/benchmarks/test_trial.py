"""One run, from two readings."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.load.schedule import Scenario
from benchmarks.servers.inside.sleep_model import Counts
from benchmarks.servers.server import Reading
from benchmarks.trial import scenario_at, trial_of
from benchmarks.usage import Tree
from tests.benchmarks.runs import FIGURES

ONE = Scenario(seconds=10, warm_up_s=1, seed=5)


@given(st.integers(10, 300), st.floats(100, 5000), st.integers(0, 9))
def test_a_load_is_made_of_streams(load_pct: int, capacity_per_s: float, run: int) -> None:
    """As many as come nearest; every run has phases of its own."""
    scenario = scenario_at(ONE, load_pct, capacity_per_s, run=run)
    wanted = load_pct / 100 * capacity_per_s
    assert scenario.streams >= 1
    assert abs(scenario.offered_per_s - wanted) <= max(ONE.fps / 2, ONE.fps - wanted) + 1e-6
    assert scenario.seed == ONE.seed + run


def test_what_happened_between_two_readings_is_what_counts() -> None:
    """The warm-up before the first one is left out."""
    before = Reading(100.0, Tree(5.0, 50.0), Counts(10, 100, 1.0, 0))
    after = Reading(110.0, Tree(7.0, 80.0), Counts(60, 900, 9.0, 0))
    figures = msgspec.structs.replace(FIGURES, good_per_s=80.0)
    trial = trial_of(figures, before, after, [], 0.25)
    assert trial.mean_batch == 16.0
    assert trial.busy_share == pytest.approx(0.8)
    assert trial.cpu_s_per_1000_frames == pytest.approx(2.5)
    assert trial.cpu_cores == pytest.approx(0.2)
    assert trial.peak_mb == 80.0


def test_without_counts_nothing_is_made_up() -> None:
    """A server that answers nothing has no cost per answer; what it takes is seen all the same."""
    reading = Reading(1.0, Tree(1.0, 1.0), Counts(0, 0, 0.0, 0))
    later = Reading(2.0, Tree(1.5, 1.0), Counts(0, 0, 0.0, 0))
    trial = trial_of(msgspec.structs.replace(FIGURES, good_per_s=0.0), reading, later, [], 0.1)
    assert (trial.mean_batch, trial.busy_share, trial.cpu_s_per_1000_frames) == (None, None, None)
    assert trial.cpu_cores == pytest.approx(0.5)
