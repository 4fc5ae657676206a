"""Several runs of one question."""

from hypothesis import given
from hypothesis import strategies as st

from benchmarks.rounds import headlines, median_of, outcomes_of, spread_of
from tests.benchmarks.runs import a_trial

numbers = st.one_of(st.none(), st.floats(0, 1e6))


@given(st.lists(numbers, min_size=1, max_size=9))
def test_the_one_in_the_middle_lies_within_the_spread(values: list[float | None]) -> None:
    """And there is none when half of the runs have no figure: the worst is not hidden."""
    middle, spread = median_of(values), spread_of(values)
    gone = sum(value is None for value in values)
    if 2 * gone >= len(values):
        assert middle is None
    else:
        assert spread is not None
        assert middle is not None
        assert spread[0] - 1e-3 <= middle <= spread[1] + 1e-3


def test_headlines_have_the_names_that_readers_look_for() -> None:
    """Good share at each load; fairness, starvation and age at the worst."""
    runs = {
        load: [a_trial(good_share=share) for share in (0.7, 0.9, 0.8)] for load in (40, 95, 150)
    }
    found = headlines(runs)
    assert {found[f"good_share_{load}"] for load in (40, 95, 150)} == {0.8}
    assert found["good_share_150_least"] == 0.7
    assert found["good_share_150_most"] == 0.9
    assert (found["jain_150"], found["starved_150"], found["age_p99_ms_150"]) == (0.99, 0, 120.0)
    assert set(headlines(runs, prefix="triton_")) == {f"triton_{name}" for name in found}


def test_one_starving_run_of_three_is_seen() -> None:
    """A median would hide it."""
    found = headlines({150: [a_trial(), a_trial(starved=7), a_trial()]})
    assert found["starved_150"] == 7


def test_a_load_that_left_late_in_one_run_is_seen() -> None:
    """Then the sender was slow, and not the server."""
    found = headlines({40: [a_trial(), a_trial(send_lag_p99_ms=80.0), a_trial()]})
    assert found["send_lag_p99_ms_40"] == 80.0
    assert found["cpu_cores_40"] == 0.4


def test_outcomes_are_those_of_all_runs() -> None:
    """The most frequent first."""
    runs = [a_trial(outcomes={"expired": 1, "answered": 5}), a_trial(outcomes={"answered": 2})]
    assert list(outcomes_of(runs).items()) == [("answered", 7), ("expired", 1)]
