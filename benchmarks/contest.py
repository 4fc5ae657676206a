"""One contest: every server at every load in turns, then perf_analyzer, then who is left behind."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import msgspec
from rapt.errors import Misconfigured, RaptError, Unavailable

from benchmarks.analyzer import analyzer
from benchmarks.leaving import left_behind
from benchmarks.load.schedule import Scenario
from benchmarks.rounds import LOADS_PCT, headlines, median_of
from benchmarks.saturating import CONCURRENCY, Saturated, saturate
from benchmarks.servers.server import Setting
from benchmarks.trial import Make, Trial, scenario_at, try_out

Say = Callable[[str], None]
Trials = dict[int, list[Trial]]


@dataclass(frozen=True, slots=True)
class Contestant:
    """One server."""

    name: str
    make: Make
    oip: Make
    """The same, or the same by plain requests: so perf_analyzer and the leaving clients speak."""
    has_knobs: bool = False
    """Whether there is a setting by hand, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contest:
    """What is tried."""

    contestants: Sequence[Contestant]
    scenario: Scenario
    runs: int
    capacity_per_s: float
    """What the model can do at best, frames a second."""
    setting: Setting
    analyzed: Sequence[str] = ()
    """Names of those that perf_analyzer can speak to."""
    leaves: bool = False
    """Whether a client leaves in the middle of a batch, too."""
    loads: Sequence[int] = LOADS_PCT

    def settings(self) -> list[tuple[str, Contestant, Setting]]:
        """Return every server with every setting, by the name of its figures."""
        plain, tuned = self.setting, replace(self.setting, is_tuned=True)
        return [
            (setting.name(one.name), one, setting)
            for one in self.contestants
            for setting in ([plain, tuned] if one.has_knobs else [plain])
        ]


@dataclass(slots=True)
class Outcome:
    """What came out."""

    loads: Sequence[int]
    trials: dict[str, Trials] = field(default_factory=dict)
    saturated: dict[str, list[Saturated]] = field(default_factory=dict)
    left_behind: dict[str, int] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    """Why something is not there, by what it is."""

    def figures(self) -> dict[str, object]:
        """Return all figures by name: the server's name, then what it is."""
        found: dict[str, object] = {}
        for name, trials in self.trials.items():
            found |= headlines(trials, prefix=f"{name}_")
        for name, runs in self.saturated.items():
            for figure in Saturated.__struct_fields__:
                values = [getattr(run, figure) for run in runs]
                key = f"{name}_{figure}_at_{CONCURRENCY}"
                found[key] = median_of(values)
                found[f"{key}_least"], found[f"{key}_most"] = min(values), max(values)
        for name, clients in self.left_behind.items():
            found[f"{name}_left_behind"] = clients
        return found

    def sentences(self) -> list[str]:
        """Return what the table does not show."""
        said = []
        for name, runs in self.saturated.items():
            infer_per_s = median_of([run.infer_per_s for run in runs]) or 0.0
            p99s_ms = sorted(run.p99_ms for run in runs)
            said.append(
                f"perf_analyzer, {CONCURRENCY} under way: {name} {infer_per_s:.0f}/s,"
                f" p99 {median_of(p99s_ms):.1f} ms"
                f" ({p99s_ms[0]:.1f} to {p99s_ms[-1]:.1f} in {len(runs)} runs)"
            )
        for name, clients in self.left_behind.items():
            said.append(f"one of four leaves in mid-batch: {name} leaves {clients} of 3 behind")
        return [*said, *(f"left out: {what}: {why}" for what, why in self.missing.items())]


async def race(contest: Contest, say: Say) -> Outcome:
    """Try everything; what cannot be had is left out with a sentence.

    Raises:
        Unavailable: Rapt itself failed.
    """
    outcome = Outcome(contest.loads)
    await _loads(contest, outcome, say)
    await _saturation(contest, outcome, say)
    for one in contest.contestants if contest.leaves else ():
        if one.name in outcome.trials:
            picture = contest.setting.picture
            try:
                outcome.left_behind[one.name] = await left_behind(one.oip, picture)
            except Unavailable as error:
                outcome.missing[f"{one.name}, leaving"] = str(error)
    return outcome


async def _loads(contest: Contest, outcome: Outcome, say: Say) -> None:
    capacity = contest.capacity_per_s
    for run in range(contest.runs):
        for load_pct in contest.loads:
            for name, one, setting in contest.settings():
                if name in outcome.missing:
                    continue
                scenario = scenario_at(contest.scenario, load_pct, capacity, run=run)
                try:
                    trial = await try_out(one.make, setting, scenario, capacity_per_s=capacity)
                except RaptError as error:
                    _leave_out(outcome, name, error)
                    say(f"{name} is left out: {error}")
                    continue
                by_load: Trials = {load: [] for load in contest.loads}
                outcome.trials.setdefault(name, by_load)[load_pct].append(trial)
                say(f"{name} at {load_pct} %: {_in_short(trial)}")


def _leave_out(outcome: Outcome, name: str, error: RaptError) -> None:
    if name.startswith("rapt"):
        raise error
    outcome.missing[name] = str(error)
    outcome.trials.pop(name, None)


async def _saturation(contest: Contest, outcome: Outcome, say: Say) -> None:
    if not contest.analyzed:
        return
    try:
        program = analyzer()
    except Misconfigured as error:
        outcome.missing["perf_analyzer"] = str(error)
        return
    for _ in range(contest.runs):
        for name, one, setting in contest.settings():
            if one.name not in contest.analyzed or name in outcome.missing:
                continue
            try:
                run = await saturate(program, one.oip, setting)
            except Unavailable as error:
                outcome.missing[f"{name}, perf_analyzer"] = str(error)
                continue
            outcome.saturated.setdefault(name, []).append(run)
            say(f"{name} by perf_analyzer: {msgspec.to_builtins(run)}")


def _in_short(trial: Trial) -> str:
    figures: Mapping[str, int] = trial.figures.outcomes
    words = ", ".join(f"{count} {name}" for name, count in figures.items())
    problems = f"; {'; '.join(trial.problems)}" if trial.problems else ""
    return f"{trial.figures.good_share:.1%} in time ({words}{problems})"
