"""How many frames were answered in time, how old were the answers, and was it fair?

Pure. Counted are the frames captured in the measured part, whatever became of them.
"""

import math

import msgspec
import numpy as np

from benchmarks.load.log import Log, Outcome
from benchmarks.load.schedule import Scenario, captures

STARVED_PER_S = 0.5  # a stream with fewer answers in time a second


class Figures(msgspec.Struct, frozen=True):
    """One run."""

    offered_per_s: float
    good_per_s: float
    """Answered within the limit of the capture."""
    good_share: float
    """Of the smaller of offered load and capacity."""
    age_p50_ms: float | None
    """Capture to answer, of all frames that were answered, late ones too; None without any."""
    age_p95_ms: float | None
    age_p99_ms: float | None
    server_p50_ms: float | None
    """Arrival to answer, as the server says; None when it does not."""
    server_p95_ms: float | None
    server_p99_ms: float | None
    jain: float
    """Fairness over streams, answers in time; 1 = everyone has the same."""
    starved: int
    """Streams with fewer than one answer in time in two seconds."""
    outcomes: dict[str, int]
    send_lag_p99_ms: float
    """How late frames left; large = the load is dishonest, not the server slow."""


def figures_of(scenario: Scenario, log: Log, *, capacity_per_s: float) -> Figures:
    """Put the figures of one run together."""
    captured, _ = captures(scenario)
    captured = captured[log.streams]
    counted = (captured >= scenario.warm_up_s) & (captured < scenario.end_s)
    answered = counted & (log.outcomes == Outcome.ANSWERED)
    ages_s = log.ended - captured
    in_time = answered & (ages_s <= scenario.limit_s)
    offered_per_s = int(counted.sum()) / scenario.seconds
    good_per_s = int(in_time.sum()) / scenario.seconds
    per_stream = in_time.sum(axis=1) / scenario.seconds
    p50, p95, p99 = (_ms(value) for value in percentiles(ages_s[answered], (50, 95, 99)))
    told = log.server[answered & ~np.isnan(log.server)]
    server = [_ms(value) for value in percentiles(told, (50, 95, 99))]
    return Figures(
        offered_per_s=round(offered_per_s, 1),
        good_per_s=round(good_per_s, 1),
        good_share=round(good_per_s / max(min(offered_per_s, capacity_per_s), 1e-9), 4),
        age_p50_ms=p50,
        age_p95_ms=p95,
        age_p99_ms=p99,
        server_p50_ms=server[0],
        server_p95_ms=server[1],
        server_p99_ms=server[2],
        jain=round(jain(per_stream), 4),
        starved=int((per_stream < STARVED_PER_S).sum()),
        outcomes=_counts(log.outcomes[counted]),
        send_lag_p99_ms=_ms(percentiles(log.lag[counted], (99,))[0]) or 0.0,
    )


def jain(values: np.ndarray) -> float:
    """Return Jain's fairness index, 1/n .. 1; 0 when nobody has anything.

    Source: Jain, Chiu and Hawe, "A Quantitative Measure of Fairness", DEC-TR-301, 1984.
    """
    squares = float((values.astype(float) ** 2).sum()) * len(values)
    return float(values.sum()) ** 2 / squares if squares > 0 else 0.0


def percentiles(values: np.ndarray, percents: tuple[int, ...]) -> list[float]:
    """Return them by the nearest rank; NaN without values."""
    if len(values) == 0:
        return [float("nan")] * len(percents)
    return [float(np.percentile(values, p, method="inverted_cdf")) for p in percents]


def _ms(interval_s: float) -> float | None:
    return None if math.isnan(interval_s) else round(1000 * interval_s, 1)


def _counts(outcomes: np.ndarray) -> dict[str, int]:
    counts = {one.name.lower(): int((outcomes == one).sum()) for one in Outcome}
    return {name: count for name, count in counts.items() if count > 0}
