"""What a real worker carries over gRPC: more and more students at two frames a second each.

Open loop: frames leave on schedule whatever comes back. A step is carried when nearly all frames
are answered within the limit of their capture, the way to the worker included.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import msgspec

from benchmarks.load.schedule import Scenario
from benchmarks.servers import rapt
from benchmarks.servers.server import Setting
from benchmarks.trial import try_out

FPS = 2.0
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


async def served_rows(
    models: Path, picture: bytes, more: Sequence[str], *, capacity_per_s: float, seconds: float
) -> list[ServedRow]:
    """Try shares of what the pipeline did in process, until one is too much.

    Args:
        models: built models, an absolute path.
        picture: what every frame is.
        more: words for the worker's command line.
        capacity_per_s: frames a second in process.
        seconds: of each step.
    """
    rows: list[ServedRow] = []
    for share in (0.25, 0.5, 0.65, 0.8, 0.9, 1.0):
        students = max(1, round(share * capacity_per_s / FPS))
        scenario = Scenario(seconds, 2.0, seed=students, fps=FPS, streams=students, limit_s=LIMIT_S)
        senders = min(MAX_SENDERS, 1 + int(scenario.offered_per_s / PER_SENDER_PER_S))
        trial = await try_out(
            partial(rapt.recipe, models=models, more=more),
            Setting(scale=1.0, picture=picture),
            scenario,
            capacity_per_s=capacity_per_s,
            senders=senders,
        )
        figures = trial.figures
        rows.append(
            ServedRow(
                students=students,
                offered_per_s=figures.offered_per_s,
                good_per_s=figures.good_per_s,
                age_p50_ms=figures.age_p50_ms,
                age_p95_ms=figures.age_p95_ms,
                age_p99_ms=figures.age_p99_ms,
                mean_batch=trial.mean_batch,
                is_carried=figures.good_per_s >= CARRIED * figures.offered_per_s,
            )
        )
        if not rows[-1].is_carried:
            break
    return rows


def students_carried(rows: Sequence[ServedRow]) -> int:
    """The most students that were carried."""
    return max((row.students for row in rows if row.is_carried), default=0)
