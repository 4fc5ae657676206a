"""How well were the streams served? One row of figures for one simulated course."""

from collections import Counter
from collections.abc import Sequence

import msgspec

from benchmarks.simulated.loads import Load
from inference.scheduling.simulate import Arrival, Course

STARVED_BELOW = 0.5
"""Verdicts a second."""


class Figures(msgspec.Struct, frozen=True):
    """One row."""

    offered_per_s: float
    answered_per_s: float
    in_time_per_s: float
    age_p50_ms: float
    age_p95_ms: float
    age_p99_ms: float
    jain: float
    """Over frames in time of each stream that is no hog: 1 = all the same."""
    starved: int
    fresh_share: float
    """Of (stream, second), those with an answer in time to a frame that was captured in it."""
    busy: float
    mean_batch: float
    padding_share: float


def figures(arrivals: Sequence[Arrival], course: Course, load: Load, *, seconds: float) -> Figures:
    """Put the figures of one course together."""
    in_time = [a for a in course.answers if a.answered_s <= a.frame.deadline_s + 1e-9]
    ages_ms = sorted(1000 * answer.age_s for answer in course.answers)
    streams = range(load.hogs, load.streams)
    good = Counter(answer.frame.stream for answer in in_time)
    fresh = {(a.frame.stream, int(a.frame.captured_s)) for a in in_time}
    run = sum(course.batches)
    return Figures(
        offered_per_s=round(len(arrivals) / seconds, 1),
        answered_per_s=round(len(course.answers) / seconds, 1),
        in_time_per_s=round(len(in_time) / seconds, 1),
        age_p50_ms=_percentile(ages_ms, 0.5),
        age_p95_ms=_percentile(ages_ms, 0.95),
        age_p99_ms=_percentile(ages_ms, 0.99),
        jain=round(jain([good[stream] for stream in streams]), 4),
        starved=sum(good[stream] < STARVED_BELOW * seconds for stream in streams),
        fresh_share=round(len(fresh) / max(load.streams * seconds, 1), 4),
        busy=round(course.busy_s / seconds, 3),
        mean_batch=round(run / max(len(course.batches), 1), 1),
        padding_share=round(course.padding / max(run + course.padding, 1), 3),
    )


def jain(shares: Sequence[float]) -> float:
    """Return Jain's index of fairness, 1/n .. 1; 0 when nobody got anything.

    Source: Jain, Chiu and Hawe, "A Quantitative Measure of Fairness", DEC-TR-301, 1984.
    """
    squares = sum(share * share for share in shares)
    return sum(shares) ** 2 / (len(shares) * squares) if squares else 0.0


def _percentile(ordered: Sequence[float], share: float) -> float:
    if not ordered:
        return 0.0
    return round(ordered[min(int(len(ordered) * share), len(ordered) - 1)], 1)
