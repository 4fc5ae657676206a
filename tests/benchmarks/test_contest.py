"""One contest: who is tried how often, and what came out."""

from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from rapt.errors import Unavailable

from benchmarks import contest
from benchmarks.analyzer import Analyzer
from benchmarks.contest import Contest, Contestant, race
from benchmarks.load.schedule import Scenario
from benchmarks.outcome import SANITY_PCT, Outcome
from benchmarks.saturating import NoEnd, Saturated
from benchmarks.servers import rapt, triton
from benchmarks.servers.server import Setting
from benchmarks.trial import Make, Trial
from tests.benchmarks.runs import a_trial

CONTEST = Contest(
    contestants=[
        Contestant("rapt", rapt.recipe, oip=rapt.recipe),
        Contestant("triton", triton.recipe, oip=triton.recipe, has_knobs=True, is_patient=True),
        Contestant("hasty", triton.recipe, oip=triton.recipe, has_knobs=True),
    ],
    scenario=Scenario(seconds=1, warm_up_s=0, seed=1),
    runs=2,
    capacity_per_s=100.0,
    setting=Setting(scale=1.0, picture=b"x"),
    loads=(40, 150),
)
NAMES = {"rapt", "triton", "triton_tuned", "hasty", "hasty_tuned"}
RUN = Saturated(700.0, 80.0, 90.0)
P99S_MS = (90.0, 182.0, 95.5)


def say(_: str) -> None:
    """Nobody listens."""


@pytest.fixture
def streams(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many streams each trial has had; everyone answers everything."""
    seen: list[int] = []

    async def try_out(
        _make: Make, _setting: Setting, scenario: Scenario, *, capacity_per_s: float
    ) -> Trial:
        assert capacity_per_s == CONTEST.capacity_per_s
        seen.append(scenario.streams)
        return a_trial(good_share=0.25 if len(seen) == 1 else 0.5)

    monkeypatch.setattr(contest, "try_out", try_out)
    monkeypatch.setattr(contest, "analyzer", lambda: Analyzer(Path("perf_analyzer"), ()))
    return seen


async def test_everyone_is_tried_with_next_to_nothing_to_do_before_the_race(
    streams: list[int],
) -> None:
    """It has a figure of its own, and none of those of the race."""
    outcome = await race(CONTEST, say)
    assert streams == [1] * 5 + ([8] * 5 + [30] * 5) * 2
    assert set(outcome.sane) == set(outcome.trials) == NAMES
    figures = outcome.figures()
    assert SANITY_PCT == 5
    assert figures["rapt_good_share_5"] == 0.25
    assert figures["rapt_good_share_40"] == figures["hasty_tuned_good_share_5"] == 0.5
    assert "rapt_age_p99_ms_5" not in figures
    assert figures["rapt_answered_share_5"] == 0.9
    assert "before the race, at 5 %: rapt answers 90.0%, 25.0% in time" in outcome.sentences()


async def test_a_run_of_perf_analyzer_that_never_ends_is_begun_anew_once(
    streams: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And how often that was needed is recorded, beside those who never needed it."""
    vain, again = NoEnd("in vain"), NoEnd("again")
    ends: list[Saturated | NoEnd] = [RUN, vain, RUN, RUN, RUN, vain, again, RUN]

    async def saturate(_program: Analyzer, _make: Make, _setting: Setting) -> Saturated:
        end = ends.pop(0)
        if isinstance(end, NoEnd):
            raise end
        return end

    monkeypatch.setattr(contest, "saturate", saturate)
    outcome = await race(replace(CONTEST, analyzed=("rapt", "triton"), loads=()), say)
    assert {name: len(runs) for name, runs in outcome.saturated.items()} == {
        "rapt": 2,
        "triton": 1,
        "triton_tuned": 2,
    }
    assert outcome.missing == {"triton, perf_analyzer": "again"}
    figures = outcome.figures()
    assert figures["rapt_perf_analyzer_begun_anew"] == 0
    assert figures["triton_perf_analyzer_begun_anew"] == 2
    assert len(streams) == len(NAMES)


async def test_what_perf_analyzer_fails_at_is_not_tried_again(
    streams: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error is an answer."""
    asked: list[bool] = []

    async def saturate(_program: Analyzer, _make: Make, setting: Setting) -> Saturated:
        asked.append(setting.is_tuned)
        raise Unavailable("Request timeout expired")

    monkeypatch.setattr(contest, "saturate", saturate)
    outcome = await race(replace(CONTEST, analyzed=("triton",), runs=1), say)
    assert asked == [False, True]
    assert outcome.begun_anew == {"triton": 0, "triton_tuned": 0}
    assert len(outcome.missing) == 2
    assert streams


async def test_clients_leave_as_it_comes_and_where_no_limit_ends_a_slow_run(
    streams: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A limit of a tenth of a second would count as leaving others behind."""

    async def left_behind(_make: Make, setting: Setting) -> int:
        return 3 if setting.is_tuned else 1

    monkeypatch.setattr(contest, "left_behind", left_behind)
    outcome = await race(replace(CONTEST, leaves=True), say)
    assert outcome.left_behind == {"rapt": 1, "triton": 1, "triton_tuned": 3, "hasty": 1}
    assert outcome.figures()["triton_tuned_left_behind"] == 3
    assert streams


def test_whoever_is_left_out_leaves_no_figures() -> None:
    """Half of a race says nothing."""
    outcome = Outcome((40,), sane={"triton": a_trial()}, trials={"triton": {40: [a_trial()]}})
    outcome.leave_out("triton", "it fell over")
    assert outcome.figures() == {}
    assert outcome.sentences() == ["left out: triton: it fell over"]


def test_runs_of_perf_analyzer_are_told_by_the_middle_one_and_their_spread() -> None:
    """One unlucky run in three shows in the spread alone."""
    runs = [msgspec.structs.replace(RUN, infer_per_s=780 + p99, p99_ms=p99) for p99 in P99S_MS]
    outcome = Outcome((40,), saturated={"rapt": runs}, begun_anew={"rapt": 0})
    figures = outcome.figures()
    assert figures["rapt_p99_ms_at_64"] == 95.5
    assert (figures["rapt_p99_ms_at_64_least"], figures["rapt_p99_ms_at_64_most"]) == (90.0, 182.0)
    (said,) = outcome.sentences()
    assert said.endswith("rapt 876/s, p99 95.5 ms (90.0 to 182.0 in 3 runs)")
