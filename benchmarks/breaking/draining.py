"""A worker is stopped under load: how long does it take, and is any frame shed?"""

import asyncio
import time
from collections import Counter
from pathlib import Path

import msgspec

from benchmarks.breaking.student import Student
from benchmarks.breaking.worker import worker_in

STREAMS = 40
SETTLE_VERDICTS = 4
WITHIN_S = 60.0


class Drained(msgspec.Struct, frozen=True):
    """What it cost."""

    drain_s: float
    """From SIGTERM to the end of the process."""
    drain_shed: int
    """Frames of all streams, from SIGTERM on."""
    drain_shed_why: dict[str, int]
    longest_gap_s: float
    """From SIGTERM to the next verdict, of the stream that waited longest."""
    drain_waits_s: list[float]
    """The same, of each stream, the shortest first."""


async def drain(folder: Path, models: Path, picture: bytes) -> Drained:
    """Measure one stop; the streams go on with another worker.

    Raises:
        Unavailable: a worker did not get ready.
    """
    over = asyncio.Event()
    async with (
        worker_in(folder / "stops", models) as stops,
        worker_in(folder / "b", models) as stays,
    ):
        students = [
            Student(number, picture, [stops.address, stays.address])
            for number in range(2, 2 * STREAMS + 2, 2)  # even: each begins with the first
        ]
        async with asyncio.TaskGroup() as tasks:
            for student in students:
                tasks.create_task(student.sit(over))
            await until_measured(students, 0.0, times=SETTLE_VERDICTS)
            began_s = time.monotonic()
            stops.process.terminate()
            await stops.process.wait()
            ended_s = time.monotonic()
            await until_measured(students, ended_s)
            over.set()
    waits_s = sorted(round(student.next_after_s(began_s), 2) for student in students)
    reasons = Counter(why for one in students for at_s, why in one.sheds if at_s > began_s)
    return Drained(
        drain_s=round(ended_s - began_s, 2),
        drain_shed=reasons.total(),
        drain_shed_why=dict(reasons),
        longest_gap_s=waits_s[-1],
        drain_waits_s=waits_s,
    )


async def until_measured(students: list[Student], since_s: float, *, times: int = 1) -> None:
    """Wait until each has so many verdicts after a moment.

    Raises:
        TimeoutError: one has not, after a minute.
    """
    async with asyncio.timeout(WITHIN_S):
        while any(sum(s > since_s for s in one.verdicts_s) < times for one in students):  # noqa: ASYNC110  verdicts tell nobody
            await asyncio.sleep(0.05)
