"""What a real worker carries over gRPC: more and more students at two frames a second each.

Open loop: frames leave on schedule whatever comes back. A step is carried when nearly all frames
are answered within the limit of their capture, the way to the worker included.
"""

import asyncio
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
WARM_UP_S = 3.0
LIMIT_S = 0.2
CARRIED = 0.98
"""Share of the offered frames that has to be answered in time."""
PER_SENDER_PER_S = 1500
MAX_SENDERS = 8


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


async def served_rows(
    workers: Workers, picture: bytes, *, capacity_per_s: float, seconds: float
) -> list[ServedRow]:
    """Try shares of what the pipeline did in process, until one is too much.

    Args:
        workers: who serves; each gets its share of the students.
        picture: what every frame is.
        capacity_per_s: frames a second in process, of all workers.
        seconds: of each step.
    """
    rows: list[ServedRow] = []
    for share in (0.25, 0.5, 0.65, 0.8, 0.9, 1.0):
        students = max(1, round(share * capacity_per_s / FPS / workers.count))
        trials = await asyncio.gather(
            *(
                _try(workers, picture, students, seed=number, seconds=seconds)
                for number in range(workers.count)
            )
        )
        rows.append(_row(trials, students * workers.count))
        if not rows[-1].is_carried:
            break
    return rows


async def _try(
    workers: Workers, picture: bytes, students: int, *, seed: int, seconds: float
) -> Trial:
    """One worker under its share of the load."""
    scenario = Scenario(seconds, WARM_UP_S, seed, fps=FPS, streams=students, limit_s=LIMIT_S)
    return await try_out(
        partial(rapt.recipe, models=workers.models, more=workers.words),
        Setting(scale=1.0, picture=picture),
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
