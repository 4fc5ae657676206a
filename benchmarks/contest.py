"""One contest: each server alone with next to nothing to do, then everyone at every load in turns.

Then perf_analyzer; last, who is left behind when a client leaves.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import msgspec
from rapt.errors import Misconfigured, RaptError, Unavailable

from benchmarks.analyzer import Analyzer, analyzer
from benchmarks.leaving import left_behind
from benchmarks.load.schedule import Scenario
from benchmarks.outcome import SANITY_PCT, Outcome, Trials
from benchmarks.rounds import LOADS_PCT
from benchmarks.saturating import NoEnd, Saturated, saturate
from benchmarks.servers.server import Setting
from benchmarks.trial import Make, Trial, scenario_at, try_out

BEGINS_ANEW = 1
"""How often a run of perf_analyzer that never ends is begun again."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Contestant:
    """One server."""

    name: str
    make: Make
    oip: Make
    """The same, or the same by plain requests: so perf_analyzer and the leaving clients speak."""
    has_knobs: bool = False
    """Whether there is a setting by hand, too."""
    is_patient: bool = False
    """Whether nothing that is set by hand ends a request in slow motion: clients can leave it."""


Entry = tuple[str, Contestant, Setting]
"""A server with a setting, and the name of its figures."""


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

    def settings(self) -> list[Entry]:
        """Return every server with every setting, by the name of its figures."""
        plain, tuned = self.setting, replace(self.setting, is_tuned=True)
        return [
            (setting.name(one.name), one, setting)
            for one in self.contestants
            for setting in ([plain, tuned] if one.has_knobs else [plain])
        ]


async def race(contest: Contest, say: Say) -> Outcome:
    """Try everything; what cannot be had is left out with a sentence.

    Raises:
        Unavailable: Rapt itself failed.
    """
    one = _Race(contest, Outcome(contest.loads), say)
    await one.sanity()
    await one.loads()
    if contest.analyzed:
        await one.saturation()
    if contest.leaves:
        await one.leaving()
    return one.outcome


@dataclass(frozen=True, slots=True)
class _Race:
    contest: Contest
    outcome: Outcome
    say: Say

    async def sanity(self) -> None:
        """Show that everyone works."""
        for entry in self.contest.settings():
            trial = await self._try(entry, SANITY_PCT, run=0)
            if trial is not None:
                self.outcome.sane[entry[0]] = trial

    async def loads(self) -> None:
        """Try every load, one server after the other, and that several times."""
        for run in range(self.contest.runs):
            for load_pct in self.contest.loads:
                for entry in self.contest.settings():
                    trial = await self._try(entry, load_pct, run=run)
                    if trial is not None:
                        by_load: Trials = {load: [] for load in self.contest.loads}
                        self.outcome.trials.setdefault(entry[0], by_load)[load_pct].append(trial)

    async def _try(self, entry: Entry, load_pct: int, *, run: int) -> Trial | None:
        """Try one server at one load; None when it is left out."""
        name, one, setting = entry
        if name in self.outcome.missing:
            return None
        capacity = self.contest.capacity_per_s
        scenario = scenario_at(self.contest.scenario, load_pct, capacity, run=run)
        try:
            trial = await try_out(one.make, setting, scenario, capacity_per_s=capacity)
        except RaptError as error:
            if name.startswith("rapt"):
                raise
            self.outcome.leave_out(name, str(error))
            self.say(f"{name} is left out: {error}")
            return None
        self.say(f"{name} at {load_pct} %: {_in_short(trial)}")
        return trial

    async def saturation(self) -> None:
        """Let perf_analyzer measure those that it can speak to."""
        try:
            program = analyzer()
        except Misconfigured as error:
            self.outcome.missing["perf_analyzer"] = str(error)
            return
        for _ in range(self.contest.runs):
            for name, one, setting in self.contest.settings():
                if one.name not in self.contest.analyzed or name in self.outcome.missing:
                    continue
                try:
                    run = await self._saturated(program, (name, one, setting))
                except Unavailable as error:
                    self.outcome.missing[f"{name}, perf_analyzer"] = str(error)
                    continue
                self.outcome.saturated.setdefault(name, []).append(run)
                self.say(f"{name} by perf_analyzer: {msgspec.to_builtins(run)}")

    async def _saturated(self, program: Analyzer, entry: Entry) -> Saturated:
        """Run perf_analyzer, and again with another server when it waits for an answer in vain.

        Raises:
            Unavailable: the server or the program failed, or never answered this time either.
        """
        name, one, setting = entry
        self.outcome.begun_anew.setdefault(name, 0)
        for _ in range(BEGINS_ANEW):
            try:
                return await saturate(program, one.oip, setting)
            except NoEnd:
                self.outcome.begun_anew[name] += 1
        return await saturate(program, one.oip, setting)

    async def leaving(self) -> None:
        """Let clients leave in the middle of a batch."""
        for name, one, setting in self.contest.settings():
            if name not in self.outcome.trials or (setting.is_tuned and not one.is_patient):
                continue
            try:
                stranded = await left_behind(one.oip, setting)
            except Unavailable as error:
                self.outcome.missing[f"{name}, leaving"] = str(error)
                continue
            self.outcome.left_behind[name] = stranded
            self.say(f"{name} leaves {stranded} of 3 behind")


def _in_short(trial: Trial) -> str:
    figures: Mapping[str, int] = trial.figures.outcomes
    words = ", ".join(f"{count} {name}" for name, count in figures.items())
    problems = f"; {'; '.join(trial.problems)}" if trial.problems else ""
    return f"{trial.figures.good_share:.1%} in time ({words}{problems})"
