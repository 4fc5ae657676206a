"""Two thousand streams open within five seconds on a real worker that can bear a few hundred."""

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import grpc
from rapt.v1 import perception_pb2 as pb

from tests.faults.worker import neighbour_on, worker_in
from tests.inference.fakes import Call, a_frame, an_event

OPENINGS, WITHIN_S, CHANNELS = 2000, 5.0, 8
SPREAD_S = 0.8 * WITHIN_S
"""So that the last one has left in time when this process is late, too."""
MOST_GROWN_MB = 400.0
"""200 kB for each opening; gRPC and Python keep what they once had."""


@dataclass
class Burst:
    """Everyone who comes."""

    channels: list[grpc.aio.Channel]
    began_s: float = field(default_factory=time.monotonic)
    left_s: list[float] = field(default_factory=list)
    """When each opening was on its way."""
    opened: list[Call] = field(default_factory=list)

    async def open(self, number: int) -> str:
        """Open a stream at its place in the burst; return what became of it."""
        due_s = self.began_s + SPREAD_S * number / OPENINGS
        await asyncio.sleep(due_s - time.monotonic())
        call = Call(self.channels[number % CHANNELS])
        self.left_s.append(time.monotonic() - self.began_s)
        try:
            await call.opened(session_id=number + 1, user_key=number + 1)
        except (grpc.aio.AioRpcError, grpc.aio.UsageError, AssertionError):
            code = await call.grpc.code()
            trailer = dict(await call.grpc.trailing_metadata() or ())
            assert int(trailer.get("grpc-retry-pushback-ms", 0)) > 0
            return str(code.name)
        self.opened.append(call)
        return "opened"


async def test_a_burst_of_openings_is_refused_or_served_and_kills_nothing(
    tmp_path: Path, models: Path, portrait: bytes
) -> None:
    """Each refusal says when to come back; who was there before has every verdict meanwhile."""
    with worker_in(tmp_path / "worker", models=models) as worker:
        await worker.ready()
        channels = [worker.channel() for _ in range(CHANNELS)]
        before_mb = worker.memory_mb()
        async with neighbour_on(worker, portrait, session_id=OPENINGS + 2) as neighbour:
            burst, looks = Burst(channels), neighbour.answered
            outcomes = Counter(await asyncio.gather(*map(burst.open, range(OPENINGS))))
            assert len(burst.left_s) == OPENINGS
            assert max(burst.left_s) < WITHIN_S
            assert set(outcomes) == {"opened", "UNAVAILABLE"}, outcomes
            assert outcomes.total() == OPENINGS
            assert neighbour.answered > looks
            assert worker.memory_mb() - before_mb < MOST_GROWN_MB
            await burst.opened[0].send(player_event=an_event(1))
            await burst.opened[0].until_acked(1)
            for call in burst.opened:
                call.grpc.cancel()
        await worker.settled()
        last = Call(channels[0])
        await last.opened(session_id=OPENINGS + 1, user_key=OPENINGS + 1)
        await last.send(frame=a_frame(1, portrait))
        assert (await last.until("verdict")).verdict.observation.faces == 1
        await last.closed(pb.EXIT_REASON_LEFT)
        for channel in channels:
            await channel.close()
