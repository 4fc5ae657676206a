"""Visits of a worker, good and bad: each makes calls on a connection of its own, and leaves."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import grpc
from rapt.oip import inference_pb2_grpc
from rapt.v1 import perception_pb2 as pb
from rapt.v1 import perception_pb2_grpc

from benchmarks.breaking.damage import (
    CLOSING,
    infer_samples,
    look,
    observe_samples,
    opening,
)
from benchmarks.breaking.damage import damaged as damaged_message
from benchmarks.breaking.pictures import damaged, samples
from benchmarks.breaking.student import CALL_OVER, ObserveCall

SESSIONS = 400
FRAMES, DAMAGED = 4, 20
VANISHES_WITHIN_S = 0.03
WITHIN_S = 60.0
"""Longer than any answer takes."""
FINISHED = (*CALL_OVER, TimeoutError)


class Visitor:
    """Who comes again and again, each time as somebody else."""

    def __init__(self, picture: bytes, *, seed: int) -> None:
        self.dice = random.Random(seed)  # noqa: S311  no secret
        self._picture = picture
        self._pictures = samples()
        self._said, self._asked = observe_samples(), infer_samples()

    async def stays(self, channel: grpc.aio.Channel) -> None:
        """Be measured, and close."""
        async with self._opened(channel) as call:
            for sequence in range(1, FRAMES + 1):
                await _show(call, sequence, self._picture)
                await _hear(call, "verdict", "shed")
            await _close(call)

    async def vanishes(self, channel: grpc.aio.Channel) -> None:
        """Leave without a word, with frames under way."""
        async with self._opened(channel) as call:
            for sequence in range(1, FRAMES + 1):
                await _show(call, sequence, self._picture)
            await asyncio.sleep(VANISHES_WITHIN_S * self.dice.random())

    async def shows_rubbish(self, channel: grpc.aio.Channel) -> None:
        """Send pictures that are none."""
        async with self._opened(channel) as call:
            for sequence in range(1, DAMAGED + 1):
                await _show(call, sequence, damaged(self.dice, self._pictures))
                await _hear(call, "verdict", "shed")
            await _close(call)

    async def says_rubbish(self, channel: grpc.aio.Channel) -> None:
        """Send messages that are none."""
        opened: Any = channel.stream_stream("/rapt.v1.Perception/Observe")
        call = opened()
        try:
            await call.write(pb.ObserveRequest(open=self._opening()).SerializeToString())
            for _ in range(DAMAGED):
                await call.write(damaged_message(self.dice, self._said))
            await call.done_writing()
            async for _ in call:
                pass
        finally:
            call.cancel()

    async def asks(self, channel: grpc.aio.Channel) -> None:
        """Ask a model about pictures, in a sequence that is never ended."""
        stub: Any = inference_pb2_grpc.GRPCInferenceServiceStub(channel)
        name = self.dice.randrange(1, 10**9)
        await stub.ModelInfer(look(self._picture), timeout=WITHIN_S)
        for more in ({"sequence_start": True}, {}, {}):
            request = look(self._picture, sequence_id=name, **more)
            await stub.ModelInfer(request, timeout=WITHIN_S)

    async def asks_rubbish(self, channel: grpc.aio.Channel) -> None:
        """Ask models what no one can answer."""
        infer: Any = channel.unary_unary("/inference.GRPCInferenceService/ModelInfer")
        for _ in range(DAMAGED):
            with suppress(*FINISHED):
                await infer(damaged_message(self.dice, self._asked), timeout=WITHIN_S)

    def _opening(self) -> pb.Open:
        """Open one of a few hundred sessions, new or again; the newest visit has it."""
        opened = opening(self.dice.randrange(1, SESSIONS))
        opened.fence = time.monotonic_ns() // 1_000_000 % 2**31
        return opened

    @asynccontextmanager
    async def _opened(self, channel: grpc.aio.Channel) -> AsyncIterator[ObserveCall]:
        """Open a session; a call that was not read to its end would keep its connection."""
        call = perception_pb2_grpc.PerceptionStub(channel).Observe()
        try:
            await call.write(pb.ObserveRequest(open=self._opening()))
            await _hear(call, "opened")
            yield call
        finally:
            call.cancel()


VISITS: tuple[Callable[[Visitor, grpc.aio.Channel], Awaitable[None]], ...] = (
    Visitor.stays,
    Visitor.vanishes,
    Visitor.shows_rubbish,
    Visitor.says_rubbish,
    Visitor.asks,
    Visitor.asks_rubbish,
)
"""Of each kind one."""


async def _show(call: ObserveCall, sequence: int, image: bytes) -> None:
    frame = pb.Frame(
        sequence=sequence, captured_us=time.time_ns() // 1000, image=image, budget_ms=5000
    )
    await call.write(pb.ObserveRequest(frame=frame))


async def _hear(call: ObserveCall, *kinds: str) -> None:
    """Read until one of these is said, or nothing any more."""
    async with asyncio.timeout(WITHIN_S):
        while isinstance(answer := await call.read(), pb.ObserveResponse):
            if answer.WhichOneof("message") in kinds:
                return


async def _close(call: ObserveCall) -> None:
    await call.write(pb.ObserveRequest.FromString(CLOSING))
    await _hear(call)
