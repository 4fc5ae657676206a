"""How well were the streams served? One row of figures for one simulated course."""

from collections import Counter
from collections.abc import Sequence

import msgspec
import numpy as np

from benchmarks.load.figures import STARVED_PER_S, jain, percentiles
from benchmarks.simulated.loads import Load
from inference.scheduling.simulate import Arrival, Course


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
    ages_s = np.array([answer.age_s for answer in course.answers])
    p50_s, p95_s, p99_s = percentiles(ages_s, (50, 95, 99)) if course.answers else (0.0,) * 3
    streams = range(load.hogs, load.streams)
    counts = Counter(answer.frame.stream for answer in in_time)
    good = np.array([counts[stream] for stream in streams])
    fresh = {(a.frame.stream, int(a.frame.captured_s)) for a in in_time}
    run = sum(course.batches)
    return Figures(
        offered_per_s=round(len(arrivals) / seconds, 1),
        answered_per_s=round(len(course.answers) / seconds, 1),
        in_time_per_s=round(len(in_time) / seconds, 1),
        age_p50_ms=round(1000 * p50_s, 1),
        age_p95_ms=round(1000 * p95_s, 1),
        age_p99_ms=round(1000 * p99_s, 1),
        jain=round(jain(good), 4),
        starved=int((good < STARVED_PER_S * seconds).sum()),
        fresh_share=round(len(fresh) / max(load.streams * seconds, 1), 4),
        busy=round(course.busy_s / seconds, 3),
        mean_batch=round(run / max(len(course.batches), 1), 1),
        padding_share=round(course.padding / max(run + course.padding, 1), 3),
    )
