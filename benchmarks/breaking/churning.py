"""Clients come, go, vanish and send rubbish: does the worker's memory grow?

`python -m benchmarks.breaking.churning SECONDS` runs it on its own and prints what it found.
"""

import asyncio
import gc
import math
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

import grpc
import msgspec
import numpy as np

from benchmarks.breaking.visits import FINISHED, VISITS, Visitor
from benchmarks.breaking.worker import worker_in
from benchmarks.servers.pictures import face_picture
from inference.models.folder import ModelFolder

MODELS = Path(__file__).resolve().parents[2] / ".rapt/models"
TOGETHER = 6
PAUSE_S = 0.2
"""Between two visits of one client: the machine has other work."""
SAMPLE_S = 1.0
BLOCKS, POINTS = 12, 60
LEAST_BLOCKS = 3
COLLECT_EVERY = 20
"""Samples. A call that nobody holds keeps its connection, here, until Python has looked for it."""


class Worker(Protocol):
    """Who is visited."""

    def channel(self) -> grpc.aio.Channel:
        """Return a connection of its own, made as a gateway makes it."""

    def memory_mb(self) -> float:
        """Return what it holds in memory."""


class Churned(msgspec.Struct, frozen=True):
    """What the memory did."""

    visits: int
    visits_by_kind: dict[str, int]
    churn_mb_per_h: float
    """Slope of the best line through the second half; the first is warm-up."""
    churn_error_mb_per_h: float
    """Its standard error, from the means of `BLOCKS` stretches: memory swings slowly."""
    churn_bytes_per_visit: float
    """The same slope."""
    churn_mb: list[float]
    """What was held, in up to `POINTS` stretches of the same length."""


async def churn(worker: Worker, picture: bytes, *, seconds: float, seed: int = 1) -> Churned:
    """Let clients come and go before a worker.

    Args:
        worker: that has begun.
        picture: what the honest ones send.
        seconds: for which they come.
        seed: of what they do.
    """
    began_s, visits = time.monotonic(), Counter[str]()
    at_s: list[float] = []
    held_mb: list[float] = []
    async with asyncio.TaskGroup() as tasks:
        for number in range(TOGETHER):
            visitor = Visitor(picture, seed=TOGETHER * seed + number)
            tasks.create_task(_come_and_go(worker, visitor, number, began_s + seconds, visits))
        while time.monotonic() < began_s + seconds:
            at_s.append(time.monotonic() - began_s)
            held_mb.append(worker.memory_mb())
            if len(at_s) % COLLECT_EVERY == 0:
                gc.collect()
            await asyncio.sleep(SAMPLE_S)
    gc.collect()
    slope, error = slope_of(at_s, held_mb)
    return Churned(
        visits=visits.total(),
        visits_by_kind=dict(sorted(visits.items())),
        churn_mb_per_h=round(3600 * slope, 1),
        churn_error_mb_per_h=round(3600 * error, 1),
        churn_bytes_per_visit=round(1e6 * slope * seconds / max(visits.total(), 1)),
        churn_mb=[round(float(mean), 1) for mean in means_of(held_mb, POINTS)],
    )


async def _come_and_go(
    worker: Worker, visitor: Visitor, number: int, ends_s: float, visits: Counter[str]
) -> None:
    """Make one visit after the other; the first ones of all clients differ."""
    visit: Callable[[Visitor, grpc.aio.Channel], Awaitable[None]] = VISITS[number % len(VISITS)]
    while time.monotonic() < ends_s:
        async with worker.channel() as channel:
            with suppress(*FINISHED):
                await visit(visitor, channel)
        visits[visit.__name__] += 1
        await asyncio.sleep(PAUSE_S * visitor.dice.random())
        visit = visitor.dice.choice(VISITS)


def slope_of(at_s: Sequence[float], held: Sequence[float]) -> tuple[float, float]:
    """Return the slope of the second half, and its standard error, both a second.

    Of fewer than three stretches nobody knows the slope: the error is infinite.
    """
    half = len(at_s) // 2
    x, y = (means_of(row[half:], BLOCKS) for row in (at_s, held))
    if len(x) < LEAST_BLOCKS:
        return 0.0, math.inf
    centred = x - x.mean()
    slope = float((centred * y).sum() / (centred**2).sum())
    left = y - y.mean() - slope * centred
    return slope, float(np.sqrt((left**2).sum() / (len(x) - 2) / (centred**2).sum()))


def means_of(row: Sequence[float], stretches: int) -> Any:
    """Return the mean of each of so many stretches, or of fewer where there is less."""
    parts = np.array_split(np.array(row), max(min(stretches, len(row)), 1))
    return np.array([part.mean() for part in parts if part.size])


async def main(seconds: float) -> Churned:
    """Visit a worker of our own."""
    picture, _ = face_picture(ModelFolder(MODELS))
    with tempfile.TemporaryDirectory(prefix="rapt-churn-") as name:
        async with worker_in(Path(name) / "churns", MODELS) as worker:
            return await churn(worker, picture, seconds=seconds)


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        found = asyncio.run(main(float(sys.argv[1])))
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(found)).decode() + "\n")
