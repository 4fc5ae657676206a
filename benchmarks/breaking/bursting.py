"""Two thousand streams open within seconds: who is let in, what are the others told?

Beside them sits somebody who was there before, and whose frames must go on having answers.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import grpc
import msgspec
from rapt.v1 import perception_pb2 as pb
from rapt.v1 import perception_pb2_grpc

from benchmarks.breaking.draining import until_measured
from benchmarks.breaking.student import CALL_OVER, ObserveCall, Student
from benchmarks.breaking.worker import worker_in

OPENINGS, CHANNELS = 2000, 8
SPREAD_S = 4.0
"""Where this process is late it sends what is due at once, so that all are out within five."""
WITHIN_S = 60.0
OPENED, REFUSED = "opened", "UNAVAILABLE"
PUSHBACK = "grpc-retry-pushback-ms"


class Bursted(msgspec.Struct, frozen=True):
    """What became of everyone."""

    burst_s: float
    """From the first opening to the last, as they left."""
    burst_opened: int
    burst_refused: int
    """With UNAVAILABLE."""
    burst_without_hint: int
    """Of those that were not let in: who was not told when to come again, or something else."""
    burst_neighbour_answered: float
    """Share of the frames, sent meanwhile by one who was there before, that got a verdict."""


@dataclass
class Burst:
    """Everyone who comes."""

    channels: Sequence[grpc.aio.Channel]
    began_s: float = field(default_factory=time.monotonic)
    left_s: list[float] = field(default_factory=list)
    """When each opening was on its way."""
    opened: list[ObserveCall] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)
    without_hint: int = 0

    async def come(self) -> None:
        """Open all streams, each at its place in the burst; those that are let in stay open."""
        await asyncio.gather(*(self._open(number) for number in range(OPENINGS)))

    def leave(self) -> None:
        """End whatever is open."""
        for call in self.opened:
            call.cancel()

    async def _open(self, number: int) -> None:
        due_s = self.began_s + SPREAD_S * number / OPENINGS
        await asyncio.sleep(due_s - time.monotonic())
        channel = self.channels[number % len(self.channels)]
        call = perception_pb2_grpc.PerceptionStub(channel).Observe()
        opening = Student(number + 1, b"", []).opening()
        self.left_s.append(time.monotonic() - self.began_s)
        try:
            async with asyncio.timeout(WITHIN_S):
                await call.write(pb.ObserveRequest(open=opening))
                answer = await call.read()
        except TimeoutError:
            call.cancel()
            self.outcomes["nothing"] += 1
            self.without_hint += 1
            return
        except CALL_OVER:
            answer = grpc.aio.EOF
        if isinstance(answer, pb.ObserveResponse) and answer.HasField("opened"):
            self.opened.append(call)
            self.outcomes[OPENED] += 1
        else:
            await self._note_refusal(call)

    async def _note_refusal(self, call: ObserveCall) -> None:
        code, trailer = await call.code(), await call.trailing_metadata()
        hint_ms = next((value for key, value in trailer or () if key == PUSHBACK), 0)
        self.outcomes[code.name] += 1
        self.without_hint += int(hint_ms) <= 0 or code.name != REFUSED


async def burst(folder: Path, models: Path, picture: bytes) -> Bursted:
    """Let everyone come at once before a worker.

    Raises:
        Unavailable: the worker did not get ready.
    """
    over = asyncio.Event()
    async with (
        worker_in(folder / "bursts", models) as worker,
        AsyncExitStack() as stack,
        asyncio.TaskGroup() as tasks,
    ):
        neighbour = Student(OPENINGS + 1, picture, [worker.address])
        tasks.create_task(neighbour.sit(over))
        await until_measured([neighbour], 0.0)
        seen, shed = len(neighbour.verdicts_s), len(neighbour.sheds)
        channels = [await stack.enter_async_context(worker.channel()) for _ in range(CHANNELS)]
        everyone = Burst(channels)
        await everyone.come()
        await until_measured([neighbour], time.monotonic())
        everyone.leave()
        over.set()
    answered = (len(neighbour.verdicts_s) - seen) / max(neighbour.sent - seen - shed, 1)
    return Bursted(
        burst_s=round(max(everyone.left_s) - min(everyone.left_s), 2),
        burst_opened=everyone.outcomes[OPENED],
        burst_refused=everyone.outcomes[REFUSED],
        burst_without_hint=everyone.without_hint,
        burst_neighbour_answered=round(answered, 3),
    )
