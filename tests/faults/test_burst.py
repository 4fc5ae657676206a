"""Two thousand streams open within seconds on a real worker that can bear a few hundred."""

import asyncio
from pathlib import Path

from rapt.v1 import perception_pb2 as pb

from benchmarks.breaking.bursting import CHANNELS, OPENED, OPENINGS, REFUSED, Burst
from benchmarks.breaking.student import ObserveCall
from tests.faults.worker import ANSWER_S, neighbour_on, opened_when_there_is_room, worker_in
from tests.inference.calling import a_frame, an_event, control_of

MOST_GROWN_MB = 400.0
"""200 kB for each opening; gRPC and Python keep what they once had."""


async def until_acked(call: ObserveCall, seq: int) -> None:
    """Wait for the acknowledgement of an event."""
    async with asyncio.timeout(ANSWER_S):
        while isinstance(answer := await call.read(), pb.ObserveResponse):
            if control_of(answer).acked_event_seq >= seq:
                return
    raise AssertionError(f"the call ended before event {seq} was acknowledged")


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
            await burst.come()
            assert set(burst.outcomes) == {OPENED, REFUSED}, burst.outcomes
            assert burst.outcomes.total() == OPENINGS
            assert burst.without_hint == 0
            assert neighbour.answered > looks
            assert worker.memory_mb() - before_mb < MOST_GROWN_MB
            await burst.opened[0].write(pb.ObserveRequest(player_event=an_event(1)))
            await until_acked(burst.opened[0], 1)
            burst.leave()
        await worker.settled()
        number = OPENINGS + 1
        last = await opened_when_there_is_room(
            worker, channels[0], "", session_id=number, user_key=number
        )
        await last.send(frame=a_frame(1, portrait))
        assert (await last.until("verdict")).verdict.observation.faces == 1
        await last.closed(pb.EXIT_REASON_LEFT)
        for channel in channels:
            await channel.close()
