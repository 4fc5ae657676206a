"""What a real worker carries over gRPC: more and more students at two frames a second each.

Open loop: frames leave on schedule whatever comes back. A step is carried when nearly all frames
are answered within the limit of their capture, the way to the worker included.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import msgspec

from benchmarks.load.schedule import Scenario
from benchmarks.servers import rapt
from benchmarks.servers.server import Setting
from benchmarks.trial import Trial, try_out

FPS = 2.0
MAX_WARM_UP_S = 3.0
CARRIED = 0.98
"""Share of the offered frames that has to be answered in time."""
PER_SENDER_PER_S = 1500
MAX_SENDERS = 8
SHARES = (0.25, 0.5, 0.65, 0.8, 0.9, 1.0)
"""Of what the pipeline did in process; each is one step."""


class ServedRow(msgspec.Struct, frozen=True):
    """One number of students."""

    students: int
    offered_per_s: float
    good_per_s: float
    """Answered within the limit."""
    age_p50_ms: float | None
    """From the capture to the answer."""
    age_p95_ms: float | None
    age_p99_ms: float | None
    mean_batch: float | None
    is_carried: bool


@dataclass(frozen=True, slots=True)
class Workers:
    """The workers that share the device."""

    models: Path
    """Absolute path of the built models."""
    count: int
    words: Sequence[str]
    """More for each one's command line."""


@dataclass(frozen=True, slots=True)
class Load:
    """What the students send, and for how long."""

    picture: bytes
    """What every frame is."""
    capacity_per_s: float
    """Frames a second in process, of all workers."""
    seconds: float
    """Of each step."""
    limit_s: float
    """An answer this long after the capture is in time."""
    until_s: float
    """By `time.monotonic`: no step but the first begins that would not be over then, as long as
    the one before took."""


async def served_rows(workers: Workers, load: Load) -> list[ServedRow]:
    """Try shares of what the pipeline did in process, until one is too much or time is up."""
    rows: list[ServedRow] = []
    lasted_s = 0.0
    for share in SHARES:
        began_s = time.monotonic()
        if rows and began_s + lasted_s > load.until_s:
            break
        students = max(1, round(share * load.capacity_per_s / FPS / workers.count))
        trials = await asyncio.gather(
            *(_try(workers, load, students, seed=number) for number in range(workers.count))
        )
        rows.append(_row(trials, students * workers.count))
        lasted_s = time.monotonic() - began_s
        if not rows[-1].is_carried:
            break
    return rows


async def _try(workers: Workers, load: Load, students: int, *, seed: int) -> Trial:
    """One worker under its share of the load."""
    warm_up_s = min(MAX_WARM_UP_S, load.seconds)
    scenario = Scenario(
        load.seconds, warm_up_s, seed, fps=FPS, streams=students, limit_s=load.limit_s
    )
    return await try_out(
        partial(rapt.recipe, models=workers.models, more=workers.words),
        Setting(scale=1.0, picture=load.picture),
        scenario,
        capacity_per_s=scenario.offered_per_s,
        senders=min(MAX_SENDERS, 1 + int(scenario.offered_per_s / PER_SENDER_PER_S)),
    )


def _row(trials: Sequence[Trial], students: int) -> ServedRow:
    """Add up the workers; of their ages the oldest count."""
    figures = [trial.figures for trial in trials]
    offered, good = sum(f.offered_per_s for f in figures), sum(f.good_per_s for f in figures)
    batches = [trial.mean_batch for trial in trials if trial.mean_batch is not None]
    return ServedRow(
        students=students,
        offered_per_s=round(offered, 1),
        good_per_s=round(good, 1),
        age_p50_ms=_oldest([f.age_p50_ms for f in figures]),
        age_p95_ms=_oldest([f.age_p95_ms for f in figures]),
        age_p99_ms=_oldest([f.age_p99_ms for f in figures]),
        mean_batch=round(sum(batches) / len(batches), 1) if batches else None,
        is_carried=good >= CARRIED * offered,
    )


def _oldest(ages_ms: Sequence[float | None]) -> float | None:
    return max((age for age in ages_ms if age is not None), default=None)


def students_carried(rows: Sequence[ServedRow]) -> int:
    """The most students that were carried."""
    return max((row.students for row in rows if row.is_carried), default=0)
