"""What came out of one contest: all figures by name, and what the table does not show. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from benchmarks.rounds import headlines, median_of
from benchmarks.saturating import CONCURRENCY, Saturated
from benchmarks.trial import Trial

SANITY_PCT = 5
"""A load that anything which works at all carries: tried first, and no part of the race."""

Trials = dict[int, list[Trial]]


def answered_share(trial: Trial) -> float:
    """Return the share of the frames that were answered, in time or not: does it work at all?"""
    outcomes = trial.figures.outcomes
    return round(outcomes.get("answered", 0) / max(sum(outcomes.values()), 1), 4)


@dataclass(slots=True)
class Outcome:
    """What came out."""

    loads: Sequence[int]
    sane: dict[str, Trial] = field(default_factory=dict)
    """Each server at next to no load."""
    trials: dict[str, Trials] = field(default_factory=dict)
    saturated: dict[str, list[Saturated]] = field(default_factory=dict)
    begun_anew: dict[str, int] = field(default_factory=dict)
    """How many runs of perf_analyzer were begun again, since the server owed it an answer."""
    left_behind: dict[str, int] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    """Why something is not there, by what it is."""

    def leave_out(self, name: str, why: str) -> None:
        """Forget a server; what it did before says nothing without the rest."""
        self.missing[name] = why
        self.trials.pop(name, None)
        self.sane.pop(name, None)

    def figures(self) -> dict[str, object]:
        """Return all figures by name: the server's name, then what it is."""
        found: dict[str, object] = {}
        for name, trial in self.sane.items():
            found[f"{name}_good_share_{SANITY_PCT}"] = trial.figures.good_share
            found[f"{name}_answered_share_{SANITY_PCT}"] = answered_share(trial)
        for name, trials in self.trials.items():
            found |= headlines(trials, prefix=f"{name}_")
        for name, runs in self.saturated.items():
            for figure in Saturated.__struct_fields__:
                values = [getattr(run, figure) for run in runs]
                key = f"{name}_{figure}_at_{CONCURRENCY}"
                found[key] = median_of(values)
                found[f"{key}_least"], found[f"{key}_most"] = min(values), max(values)
        for name, times in self.begun_anew.items():
            found[f"{name}_perf_analyzer_begun_anew"] = times
        for name, clients in self.left_behind.items():
            found[f"{name}_left_behind"] = clients
        return found

    def sentences(self) -> list[str]:
        """Return what the table does not show."""
        said = [
            f"before the race, at {SANITY_PCT} %: {name} answers {answered_share(trial):.1%},"
            f" {trial.figures.good_share:.1%} in time"
            for name, trial in self.sane.items()
        ]
        for name, runs in self.saturated.items():
            infer_per_s = median_of([run.infer_per_s for run in runs]) or 0.0
            p99s_ms = sorted(run.p99_ms for run in runs)
            said.append(
                f"perf_analyzer, {CONCURRENCY} under way: {name} {infer_per_s:.0f}/s,"
                f" p99 {median_of(p99s_ms):.1f} ms"
                f" ({p99s_ms[0]:.1f} to {p99s_ms[-1]:.1f} in {len(runs)} runs)"
            )
        for name, times in self.begun_anew.items():
            if times:
                said.append(f"perf_analyzer waited in vain for {name} and began anew {times} times")
        for name, clients in self.left_behind.items():
            said.append(f"one of four leaves in mid-batch: {name} leaves {clients} of 3 behind")
        return [*said, *(f"left out: {what}: {why}" for what, why in self.missing.items())]
