"""Figures of one run."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.load.figures import figures_of, jain, percentiles
from benchmarks.load.log import Log, Outcome
from benchmarks.load.schedule import Scenario, captures, frames_per_stream

SCENARIO = Scenario(seconds=2, warm_up_s=1, seed=3, fps=5, streams=4)


def a_log(age_s: float, streams: range = range(4)) -> Log:
    """Return a log in which those streams have every frame answered at that age."""
    captured, _ = captures(SCENARIO)
    log = Log(list(range(SCENARIO.streams)), frames_per_stream(SCENARIO))
    for stream in streams:
        for index, captured_s in enumerate(captured[stream]):
            log.leave(stream, index + 1, lag_s=0.001)
            log.end(stream, index + 1, Outcome.ANSWERED, captured_s + age_s, server_s=age_s / 2)
    return log


def test_all_in_time_is_a_full_share() -> None:
    """Every stream has its five a second; age counts from the capture."""
    figures = figures_of(SCENARIO, a_log(0.1), capacity_per_s=1000)
    assert figures.good_share == 1.0
    assert figures.good_per_s == figures.offered_per_s == 20.0
    assert (figures.age_p50_ms, figures.age_p99_ms) == (100.0, 100.0)
    assert figures.server_p99_ms == 50.0
    assert figures.jain == 1.0
    assert figures.starved == 0
    assert figures.outcomes == {"answered": 40}
    assert figures.send_lag_p99_ms == 1.0


def test_a_late_answer_has_an_age_and_is_not_good() -> None:
    """Nobody is served by it, and the percentiles show it."""
    figures = figures_of(SCENARIO, a_log(0.3), capacity_per_s=1000)
    assert figures.good_share == 0
    assert figures.age_p50_ms == 300.0
    assert figures.starved == 4


def test_what_was_not_answered_is_due_all_the_same() -> None:
    """Silence does not make the offered load smaller, and it is unfair."""
    figures = figures_of(SCENARIO, a_log(0.1, range(2)), capacity_per_s=1000)
    assert figures.offered_per_s == 20.0
    assert figures.good_share == 0.5
    assert figures.jain == 0.5
    assert figures.starved == 2
    assert figures.outcomes == {"unsent": 20, "answered": 20}


def test_the_share_is_of_what_the_device_can_do() -> None:
    """Beyond its capacity nobody can answer everything."""
    figures = figures_of(SCENARIO, a_log(0.1, range(2)), capacity_per_s=10)
    assert figures.good_share == 1.0


def test_the_warm_up_does_not_count() -> None:
    """Late answers to frames of the warm-up change nothing."""
    log = a_log(0.1)
    captured, _ = captures(SCENARIO)
    log.ended[captured < SCENARIO.warm_up_s] += 5
    assert figures_of(SCENARIO, log, capacity_per_s=1000).age_p99_ms == 100.0


def test_without_answers_there_is_no_age() -> None:
    """It is None, never a number that looks good."""
    figures = figures_of(SCENARIO, a_log(0.1, range(0)), capacity_per_s=1000)
    assert figures.age_p50_ms is None
    assert figures.server_p50_ms is None
    assert figures.jain == 0


@given(st.lists(st.floats(0, 1000), min_size=1, max_size=50))
def test_jain_lies_between_one_for_all_and_one_for_one(values: list[float]) -> None:
    """1/n when one has everything, 1 when all have the same."""
    index = jain(np.array(values))
    if sum(values) > 1e-3:
        assert 1 / len(values) - 1e-9 <= index <= 1 + 1e-9
    assert jain(np.full(len(values), 3.0)) == pytest.approx(1.0)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=200), st.integers(1, 100))
def test_a_percentile_is_one_of_the_values(values: list[float], percent: int) -> None:
    """So many of a hundred are at most as large, and it is none that nobody measured."""
    (found,) = percentiles(np.array(values), (percent,))
    assert found in values
    below = sum(value <= found for value in values)
    assert 100 * below >= percent * len(values)
