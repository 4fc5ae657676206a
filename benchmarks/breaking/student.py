"""One who is measured, and goes on with another worker when the first drains or dies."""

import asyncio
import itertools
import math
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import grpc
from rapt.deadline import DEFAULT_BUDGET_MS
from rapt.v1 import perception_pb2 as pb
from rapt.v1 import perception_pb2_grpc

from benchmarks.breaking.worker import channel_to

FRAME_S = 0.5
AGAIN_S = 0.05
"""Until the next worker is asked, when one is gone."""
TENANT, CONTENT = 1, 7
CALL_OVER = (
    grpc.aio.AioRpcError,
    grpc.aio.InternalError,
    grpc.aio.UsageError,
    asyncio.InvalidStateError,
)
ObserveCall = grpc.aio.StreamStreamCall[pb.ObserveRequest, pb.ObserveResponse]


@dataclass
class Student:
    """Sends two frames a second at most, one at a time, to the first worker that takes it."""

    number: int
    picture: bytes
    addresses: Sequence[str]
    opened_us: int = field(default_factory=lambda: time.time_ns() // 1000)
    fence: int = 0
    sent: int = 0
    """Frames, to whichever worker."""
    verdicts_s: list[float] = field(default_factory=list)
    """When each came, monotonic."""
    sheds: list[tuple[float, str]] = field(default_factory=list)
    """When each came, and why."""
    _answered: asyncio.Event = field(default_factory=asyncio.Event)
    has_closed: bool = False
    _sequences: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    _known: pb.Open = field(default_factory=pb.Open)
    """What the next worker is told: state, what is written, what was seen since."""

    def next_after_s(self, moment_s: float) -> float:
        """Return how long after a moment the next verdict came; infinite = there was none."""
        after = (at_s for at_s in self.verdicts_s if at_s > moment_s)
        return min(after, default=math.inf) - moment_s

    async def sit(self, over: asyncio.Event) -> None:
        """Be measured until it is over, then close."""
        for turn in itertools.count(self.number):
            async with channel_to(self.addresses[turn % len(self.addresses)]) as channel:
                await self._call(perception_pb2_grpc.PerceptionStub(channel).Observe(), over)
            if over.is_set():
                return
            await asyncio.sleep(AGAIN_S)

    async def _call(self, call: ObserveCall, over: asyncio.Event) -> None:
        """Be measured by one worker, until it lets go or is gone."""
        leave = asyncio.Event()
        with suppress(*CALL_OVER):
            await call.write(pb.ObserveRequest(open=self.opening()))
        try:
            async with asyncio.TaskGroup() as tasks:
                sending = tasks.create_task(self._send(call, over, leave))
                while isinstance(answer := await call.read(), pb.ObserveResponse):
                    self._hear(answer, leave)
                sending.cancel()
        except* CALL_OVER:
            pass  # the next worker is asked

    async def _send(self, call: ObserveCall, over: asyncio.Event, leave: asyncio.Event) -> None:
        while not (leave.is_set() or over.is_set()):
            frame = pb.Frame(
                sequence=next(self._sequences),
                captured_us=time.time_ns() // 1000,
                budget_ms=DEFAULT_BUDGET_MS,  # as our page's
                image=self.picture,
            )
            self._answered.clear()
            self.sent += 1
            await call.write(pb.ObserveRequest(frame=frame))
            await self._answered.wait()
            with suppress(TimeoutError):
                async with asyncio.timeout(FRAME_S):
                    await leave.wait()
        if not leave.is_set():
            await call.write(pb.ObserveRequest(close=pb.Close(reason=pb.EXIT_REASON_LEFT)))
        await call.done_writing()

    def _hear(self, answer: pb.ObserveResponse, leave: asyncio.Event) -> None:
        kind = answer.WhichOneof("message")
        match kind:
            case "verdict":
                self.verdicts_s.append(time.monotonic())
                self._answered.set()
                self._known.glances.append(answer.verdict.glance)
            case "shed":
                reason = pb.ShedReason.Name(answer.shed.reason).removeprefix("SHED_REASON_")
                self.sheds.append((time.monotonic(), reason.lower()))
                self._answered.set()
            case "checkpoint":
                self._known.state = answer.checkpoint.state
            case "drain":
                leave.set()
                self._answered.set()
            case "closed":
                self.has_closed = True
        if kind in {"opened", "verdict", "shed", "control"}:
            control = answer.control if kind == "control" else getattr(answer, kind).control
            if control.HasField("written"):
                self._forget(control.written)

    def _forget(self, written: pb.Written) -> None:
        """Keep only what was seen since."""
        self._known.written.CopyFrom(written)
        kept = [one for one in self._known.glances if one.at_ms >= 1000 * written.until_s]
        del self._known.glances[:]
        self._known.glances.extend(kept)

    def opening(self) -> pb.Open:
        """Return what the next worker is told."""
        self.fence += 1
        opening = pb.Open(
            tenant_id=TENANT,
            content_id=CONTENT,
            session_id=self.number,
            user_key=self.number,
            role=pb.ROLE_STUDENT,
            fence=self.fence,
            opened_at_us=self.opened_us,
            now_us=time.time_ns() // 1000,
            content_kind=pb.CONTENT_KIND_LESSON,
            policy="adult/1",
            keep_days=400,
            camera_keep_days=30,
            device="bench",
        )
        opening.MergeFrom(self._known)
        return opening
