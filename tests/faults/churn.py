"""Clients that come and go and do what they should not, and what the worker's memory does.

`python -m tests.faults.churn SECONDS` runs it on its own and prints a line of JSON.
"""

import asyncio
import gc
import math
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import cv2
import grpc
import msgspec
import numpy as np
from rapt.oip import inference_pb2_grpc
from rapt.v1 import perception_pb2 as pb

from benchmarks.breaking.damage import damaged as damaged_message
from benchmarks.breaking.damage import infer_samples, observe_samples, opening
from benchmarks.breaking.pictures import damaged, samples
from benchmarks.breaking.student import CALL_OVER
from inference.models.folder import ModelFolder
from tests.faults.worker import Worker, worker_in
from tests.inference.calling import Call, a_frame, an_event
from tests.inference.oip.test_face_model import a_frame as a_question
from tests.services import REPOSITORY

TOGETHER = 6
SAMPLE_S = 1.0
BLOCKS = 12
COLLECT_EVERY = 20
"""Samples. A call that nobody holds keeps its connection, here, until Python has looked for it."""
LEFT_WITHIN_S = 60.0
FEW = 4  # files: the journal of the spool, and what was opened once
LEAST_POINTS = 3
PAUSE_S = 0.2
"""Between two visits of one client: the machine has other work."""


class Slope(msgspec.Struct):
    """What the memory of a worker did."""

    seconds: float
    visits: dict[str, int]
    frames_received: int
    began_mb: float
    ended_mb: float
    mb_per_h: float
    """Of the straight line through the second half; the first half is warm-up."""
    error_mb_per_h: float
    """Standard error of that slope, from the means of `BLOCKS` stretches: memory swings slowly."""
    files_grown: int
    """When everyone has left."""
    threads_grown: int


class Churn:
    """Clients of one worker."""

    def __init__(self, worker: Worker, portrait: bytes, *, seed: int) -> None:
        self.visits = Counter[str]()
        self._worker = worker
        self._portrait = portrait
        self._dice = random.Random(seed)
        self._pictures = samples()
        self._said, self._asked = observe_samples(), infer_samples()
        self._sessions = 0

    async def come_and_go(self, number: int, until_s: float) -> None:
        """Make one visit after the other; the first ones of all clients differ."""
        kinds: list[Callable[[grpc.aio.Channel], Awaitable[None]]] = [
            self._stay,
            self._die,
            self._send_bad_frames,
            self._send_noise,
            self._ask,
            self._ask_noise,
        ]
        visit = kinds[number % len(kinds)]
        while time.monotonic() < until_s:
            async with self._worker.channel() as channel:
                with suppress(*CALL_OVER, AssertionError):
                    await visit(channel)
            self.visits[visit.__name__.strip("_")] += 1
            await asyncio.sleep(PAUSE_S * self._dice.random())
            visit = self._dice.choice(kinds)

    @asynccontextmanager
    async def _opened(self, channel: grpc.aio.Channel) -> AsyncIterator[Call]:
        """Open one of a few hundred sessions, new or again."""
        self._sessions += 1
        number = 1 + self._sessions % 400
        call = Call(channel)
        try:
            await call.opened(session_id=number, user_key=number, fence=self._sessions)
            yield call
        finally:
            call.grpc.cancel()  # one that was not read to its end keeps its connection

    async def _stay(self, channel: grpc.aio.Channel) -> None:
        async with self._opened(channel) as call:
            for sequence in range(1, 4):
                await call.send(player_event=an_event(sequence))
                await call.send(frame=a_frame(sequence, self._portrait))
                await call.until("verdict", "shed")
            await call.closed()

    async def _die(self, channel: grpc.aio.Channel) -> None:
        async with self._opened(channel) as call:
            await call.send(frame=a_frame(1, self._portrait))
            await asyncio.sleep(0.03 * self._dice.random())
            call.grpc.cancel()

    async def _send_bad_frames(self, channel: grpc.aio.Channel) -> None:
        async with self._opened(channel) as call:
            for sequence in range(1, 20):
                image = damaged(self._dice, self._pictures)
                await call.send(frame=a_frame(sequence, image))
                await call.receive()
            await call.closed()

    async def _send_noise(self, channel: grpc.aio.Channel) -> None:
        opened: Any = channel.stream_stream("/rapt.v1.Perception/Observe")
        call = opened()
        await call.write(pb.ObserveRequest(open=self._opening()).SerializeToString())
        for _ in range(20):
            await call.write(damaged_message(self._dice, self._said))
        await call.done_writing()
        async for _ in call:
            pass

    def _opening(self) -> pb.Open:
        self._sessions += 1
        opened = opening(500 + self._sessions % 100)
        opened.fence = self._sessions
        return opened

    async def _ask(self, channel: grpc.aio.Channel) -> None:
        stub: Any = inference_pb2_grpc.GRPCInferenceServiceStub(channel)
        name = self._dice.randrange(1, 10**9)
        await stub.ModelInfer(a_question(self._portrait))
        for more in ({"sequence_start": True}, {}, {}):  # and never ended
            await stub.ModelInfer(a_question(self._portrait, sequence_id=name, **more))

    async def _ask_noise(self, channel: grpc.aio.Channel) -> None:
        infer: Any = channel.unary_unary("/inference.GRPCInferenceService/ModelInfer")
        for _ in range(20):
            with suppress(grpc.aio.AioRpcError):
                await infer(damaged_message(self._dice, self._asked), timeout=60)


async def churn(worker: Worker, portrait: bytes, *, seconds: float, seed: int = 1) -> Slope:
    """Let clients come and go for a while; return what the memory did."""
    began_s = time.monotonic()
    clients = Churn(worker, portrait, seed=seed)
    at_s: list[float] = []
    held_mb: list[float] = []
    files, threads = worker.open_files(), worker.threads()
    async with asyncio.TaskGroup() as tasks:
        for number in range(TOGETHER):
            tasks.create_task(clients.come_and_go(number, began_s + seconds))
        while time.monotonic() < began_s + seconds:
            at_s.append(time.monotonic() - began_s)
            held_mb.append(worker.memory_mb())
            if len(at_s) % COLLECT_EVERY == 0:
                gc.collect()
            await asyncio.sleep(SAMPLE_S)
    half = len(at_s) // 2
    slope, error = slope_of(*(means_of(row[half:], BLOCKS) for row in (at_s, held_mb)))
    await _until_all_have_left(worker, files)
    return Slope(
        seconds=seconds,
        visits=dict(clients.visits),
        frames_received=round(await worker.metric("rapt_frames_received_total")),
        began_mb=held_mb[0],
        ended_mb=held_mb[-1],
        mb_per_h=3600 * slope,
        error_mb_per_h=3600 * error,
        files_grown=worker.open_files() - files,
        threads_grown=worker.threads() - threads,
    )


async def _until_all_have_left(worker: Worker, files: int) -> None:
    """Wait until as many files are open as before, or for as long as a connection may take."""
    gc.collect()
    with suppress(TimeoutError):
        async with asyncio.timeout(LEFT_WITHIN_S):
            while worker.open_files() > files + FEW or await worker.metric("rapt_streams_open"):
                await asyncio.sleep(SAMPLE_S)
                gc.collect()


def means_of(row: Sequence[float], blocks: int) -> Any:
    """Return the mean of each of so many stretches."""
    return np.array([part.mean() for part in np.array_split(np.array(row), blocks) if part.size])


def slope_of(x: Any, y: Any) -> tuple[float, float]:
    """Return the slope of the best line, and its standard error; of two points nobody knows it."""
    if len(x) < LEAST_POINTS:
        return 0.0, math.inf
    centred = x - x.mean()
    slope = float((centred * y).sum() / (centred**2).sum())
    left = y - y.mean() - slope * centred
    error = float(np.sqrt((left**2).sum() / (len(x) - 2) / (centred**2).sum()))
    return slope, error


async def main(seconds: float) -> Slope:
    """Run a worker of our own under it."""
    models = REPOSITORY / ".rapt/models"
    picture = cv2.imread(str(ModelFolder(models).portrait("astronaut")))
    assert picture is not None
    portrait = cv2.imencode(".jpg", cv2.resize(picture, (320, 320)))[1].tobytes()
    with (
        tempfile.TemporaryDirectory(prefix="rapt-churn-") as folder,
        worker_in(Path(folder), models=models) as worker,
    ):
        await worker.ready()
        return await churn(worker, portrait, seconds=seconds)


if __name__ == "__main__":
    found = asyncio.run(main(float(sys.argv[1])))
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(found)).decode() + "\n")
