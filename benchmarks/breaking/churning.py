"""Clients come, go, vanish and send rubbish: does the worker's memory grow?"""

import asyncio
import gc
import random
import time
from contextlib import suppress
from pathlib import Path

import grpc
import msgspec
import numpy as np
from rapt.v1 import perception_pb2 as pb
from rapt.v1 import perception_pb2_grpc

from benchmarks.breaking.student import Student
from benchmarks.breaking.worker import Worker, worker_in

TOGETHER = 6
SESSIONS = 400
PAUSE_S = 0.2
SAMPLE_S = 1.0
BLOCKS, POINTS = 12, 60
COLLECT_EVERY = 20
"""Samples. A call that nobody holds keeps its connection, here, until Python has looked for it."""


class Churned(msgspec.Struct, frozen=True):
    """What the memory did."""

    visits: int
    churn_mb_per_h: float
    """Slope of the best line through the second half; the first is warm-up."""
    churn_error_mb_per_h: float
    """Its standard error, from the means of `BLOCKS` stretches: memory swings slowly."""
    churn_mb: list[float]
    """What was held, in up to `POINTS` stretches of the same length."""


async def churn(folder: Path, models: Path, picture: bytes, *, seconds: float) -> Churned:
    """Let clients come and go before a worker.

    Raises:
        Unavailable: the worker did not get ready.
    """
    async with worker_in(folder / "churns", models) as worker:
        ends_s = time.monotonic() + seconds
        at_s: list[float] = []
        held_mb: list[float] = []
        async with asyncio.TaskGroup() as tasks:
            visitors = [
                tasks.create_task(_come_and_go(worker, picture, random.Random(seed), ends_s))  # noqa: S311  no secret
                for seed in range(TOGETHER)
            ]
            while time.monotonic() < ends_s:
                at_s.append(time.monotonic())
                held_mb.append(worker.memory_mb())
                if len(at_s) % COLLECT_EVERY == 0:
                    gc.collect()
                await asyncio.sleep(SAMPLE_S)
    slope, error = slope_of(at_s, held_mb)
    return Churned(
        visits=sum(visitor.result() for visitor in visitors),
        churn_mb_per_h=round(3600 * slope, 1),
        churn_error_mb_per_h=round(3600 * error, 1),
        churn_mb=means_of(held_mb, POINTS),
    )


def slope_of(at_s: list[float], held: list[float]) -> tuple[float, float]:
    """Return the slope of the second half, and its standard error, both a second."""
    half = len(at_s) // 2
    x, y = (
        np.array([part.mean() for part in np.array_split(np.array(row[half:]), BLOCKS)])
        for row in (at_s, held)
    )
    centred = x - x.mean()
    slope = float((centred * y).sum() / (centred**2).sum())
    left = y - y.mean() - slope * centred
    return slope, float(np.sqrt((left**2).sum() / (BLOCKS - 2) / (centred**2).sum()))


def means_of(held_mb: list[float], points: int) -> list[float]:
    """Return the mean of each of so many stretches, or of fewer where there is less."""
    stretches = np.array_split(np.array(held_mb), min(points, len(held_mb)))
    return [round(float(stretch.mean()), 1) for stretch in stretches]


async def _come_and_go(worker: Worker, picture: bytes, dice: random.Random, ends_s: float) -> int:
    """Make one visit after the other; return how many."""
    visits = 0
    while time.monotonic() < ends_s:
        async with worker.channel() as channel:
            with suppress(grpc.aio.AioRpcError, grpc.aio.UsageError, asyncio.InvalidStateError):
                await _visit(channel, Student(dice.randrange(1, SESSIONS), picture, []), dice)
        visits += 1
        await asyncio.sleep(PAUSE_S * dice.random())
    return visits


async def _visit(channel: grpc.aio.Channel, student: Student, dice: random.Random) -> None:
    """Open a session, send pictures or rubbish, and close it or vanish."""
    call = perception_pb2_grpc.PerceptionStub(channel).Observe()
    student.fence = time.monotonic_ns() // 1_000_000 % 2**31  # the newest visit has the session
    await call.write(pb.ObserveRequest(open=student.opening()))
    await call.read()
    has_noise, vanishes = dice.random() < 1 / 3, dice.random() < 1 / 3
    for sequence in range(1, 5):
        image = dice.randbytes(dice.randrange(3000)) if has_noise else student.picture
        frame = pb.Frame(sequence=sequence, captured_us=time.time_ns() // 1000, image=image)
        await call.write(pb.ObserveRequest(frame=frame))
        if not vanishes:
            await call.read()
    if vanishes:
        call.cancel()
        return
    await call.write(pb.ObserveRequest(close=pb.Close(reason=pb.EXIT_REASON_LEFT)))
    while isinstance(await call.read(), pb.ObserveResponse):
        pass
