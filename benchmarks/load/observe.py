"""Rapt's own call: one Observe per stream, answers by sequence."""

import asyncio
import time

import grpc
from rapt.channel import FRESH
from rapt.v1 import perception_pb2 as pb
from rapt.v1 import perception_pb2_grpc

from benchmarks.load.job import Job
from benchmarks.load.log import Log, Outcome
from benchmarks.load.schedule import Due
from benchmarks.load.wire import Calls, Clock

ObserveCall = grpc.aio.StreamStreamCall[pb.ObserveRequest, pb.ObserveResponse]


class Observe(Calls):
    """Streams of sessions, each with its call."""

    def __init__(self, job: Job, log: Log, clock: Clock) -> None:
        super().__init__(job, log, clock)
        self._frames: dict[int, asyncio.Queue[Due]] = {}

    async def open(self) -> None:
        """Open every session, one after the other within a channel."""
        opening: list[ObserveCall] = []
        async for stream, channel in self._connected(*FRESH):
            call = perception_pb2_grpc.PerceptionStub(channel).Observe()
            await call.write(pb.ObserveRequest(open=_opening(stream)))
            opening.append(call)
        for stream, call in zip(self._log.streams, opening, strict=True):
            if isinstance(await call.read(), pb.ObserveResponse):
                self._frames[stream] = asyncio.Queue()  # holds no more than the schedule has
                self._begin(stream, call)
            else:
                self._log.complain(f"{(await call.code()).name}: {await call.details()}")

    def _begin(self, stream: int, call: ObserveCall) -> None:
        self._start(lambda: self._write(call, self._frames[stream]))
        self._start(lambda: self._read(call, stream))

    def send(self, due: Due) -> None:
        """Hand one frame to its call."""
        frames = self._frames.get(due.stream)
        if frames is None:
            self._log.end(due.stream, due.sequence, Outcome.REFUSED, self._clock.now_s())
        else:
            frames.put_nowait(due)

    async def _write(self, call: ObserveCall, frames: asyncio.Queue[Due]) -> None:
        budget_ms = round(1000 * self._job.budget_s)
        while True:
            due = await frames.get()
            frame = pb.Frame(
                sequence=due.sequence,
                captured_us=self._clock.calendar_us(due.captured_s),
                budget_ms=budget_ms,
                image=self._job.picture,
            )
            await call.write(pb.ObserveRequest(frame=frame))

    async def _read(self, call: ObserveCall, stream: int) -> None:
        end, now_s = self._log.end, self._clock.now_s
        while isinstance(answer := await call.read(), pb.ObserveResponse):
            match answer.WhichOneof("message"):
                case "verdict":
                    said = answer.verdict
                    server_s = said.server_us / 1_000_000
                    end(stream, said.sequence, Outcome.ANSWERED, now_s(), server_s=server_s)
                case "shed":
                    outcome = outcome_of_shed(answer.shed.reason)
                    end(stream, answer.shed.frame_sequence, outcome, now_s())
        self._log.complain(f"{(await call.code()).name}: {await call.details()}")


def outcome_of_shed(reason: pb.ShedReason.ValueType) -> Outcome:
    """Return the outcome that the first word of a reason names."""
    word = pb.ShedReason.Name(reason).removeprefix("SHED_REASON_").partition("_")[0]
    return Outcome.__members__.get(word, Outcome.FAILED)


def _opening(stream: int) -> pb.Open:
    return pb.Open(
        tenant_id=1,
        content_id=7,
        session_id=stream + 1,
        user_key=stream + 1,
        role=pb.ROLE_STUDENT,
        fence=1,
        opened_at_us=time.time_ns() // 1000,
        content_kind=pb.CONTENT_KIND_LESSON,
        policy="adult/1",
        keep_days=400,
        camera_keep_days=30,
        device="bench",
    )
