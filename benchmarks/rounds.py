"""Several runs of the same question: the one in the middle, and how far they lie apart. Pure."""

import statistics
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from benchmarks.load.figures import Figures
from benchmarks.trial import Trial

FULL_PCT = 150
"""The load at which fairness and age are told apart from luck."""

LOADS_PCT = (40, 95, FULL_PCT)

Number = float | int | None


def median_of(values: Sequence[Number]) -> float | None:
    """Return the median; None counts as worse than every number, so that it is not hidden."""
    known = [value for value in values if value is not None]
    if 2 * len(known) <= len(values):
        return None
    gone = [float("inf")] * (len(values) - len(known))
    middle = statistics.median([*known, *gone])
    return None if middle == float("inf") else round(float(middle), 4)


def spread_of(values: Sequence[Number]) -> tuple[float, float] | None:
    """Return the smallest and the largest."""
    known = [float(value) for value in values if value is not None]
    return (min(known), max(known)) if known else None


def headlines(trials: Mapping[int, Sequence[Trial]], *, prefix: str = "") -> dict[str, object]:
    """Return the figures that a reader looks for, by name.

    Args:
        trials: by load in percent of the capacity.
        prefix: of every name, for one of several servers.
    """
    found: dict[str, object] = {}
    for load_pct, runs in trials.items():
        found[f"{prefix}good_share_{load_pct}"] = _median(runs, lambda f: f.good_share)
    for load_pct, runs in trials.items():
        found[f"{prefix}good_per_s_{load_pct}"] = _median(runs, lambda f: f.good_per_s)
        found[f"{prefix}age_p50_ms_{load_pct}"] = _median(runs, lambda f: f.age_p50_ms)
        found[f"{prefix}age_p95_ms_{load_pct}"] = _median(runs, lambda f: f.age_p95_ms)
        found[f"{prefix}age_p99_ms_{load_pct}"] = _median(runs, lambda f: f.age_p99_ms)
        found[f"{prefix}jain_{load_pct}"] = _median(runs, lambda f: f.jain)
        found[f"{prefix}starved_{load_pct}"] = max(run.figures.starved for run in runs)
        found[f"{prefix}mean_batch_{load_pct}"] = median_of([run.mean_batch for run in runs])
        found[f"{prefix}busy_share_{load_pct}"] = median_of([run.busy_share for run in runs])
        found[f"{prefix}cpu_s_per_1000_{load_pct}"] = median_of(
            [run.cpu_s_per_1000_frames for run in runs]
        )
        found[f"{prefix}cpu_cores_{load_pct}"] = median_of([run.cpu_cores for run in runs])
        found[f"{prefix}peak_mb_{load_pct}"] = max(run.peak_mb for run in runs)
        found[f"{prefix}sending_cores_{load_pct}"] = median_of([run.sending_cores for run in runs])
        found[f"{prefix}send_lag_p99_ms_{load_pct}"] = max(
            run.figures.send_lag_p99_ms for run in runs
        )
        found[f"{prefix}outcomes_{load_pct}"] = outcomes_of(runs)
        for end, value in zip(("least", "most"), _spread(runs), strict=True):
            found[f"{prefix}good_share_{load_pct}_{end}"] = value
    return found


def outcomes_of(runs: Sequence[Trial]) -> dict[str, int]:
    """Return how many frames of all runs had each outcome, most frequent first."""
    total: Counter[str] = Counter()
    for run in runs:
        total.update(run.figures.outcomes)
    return dict(total.most_common())


def _median(runs: Sequence[Trial], figure: Callable[[Figures], Number]) -> float | None:
    return median_of([figure(run.figures) for run in runs])


def _spread(runs: Sequence[Trial]) -> tuple[float, float]:
    return spread_of([run.figures.good_share for run in runs]) or (0.0, 0.0)
