"""The device breaks, or a call is cut at its worst moment: nobody else is hurt."""

import asyncio
from collections.abc import AsyncIterator

import grpc
import pytest
from rapt.limits import MAX_FRAME_BYTES
from rapt.v1 import perception_pb2 as pb

from inference.engine.device import DeviceLost
from inference.messages import Opened, Opening, Pace, Request, Response, Verdict
from inference.perception.look import Look, Seen, Unreadable
from inference.scheduling.stages import Ran
from inference.streams.stream import House as HouseOfStreams
from inference.streams.stream import Stream
from inference.wire.requests import read_request
from tests.inference.calling import WITHIN_S, a_frame, an_event, an_open
from tests.inference.fakes import FakePipeline, House, running_house


class DyingPipeline(FakePipeline):
    """Loses its device on demand."""

    is_dying = False

    def run(self, prepared: list[Look]) -> Ran[Seen | Unreadable]:  # type: ignore[override]  # a list is what it prepared
        """Do it, or say what CUDA says."""
        if self.is_dying:
            raise RuntimeError("CUDA failure 719: unspecified launch failure")
        return super().run(prepared)


async def test_a_lost_device_ends_every_call_with_a_fault_and_then_the_worker() -> None:
    """INTERNAL for all; what they said before is written down."""
    pipeline = DyingPipeline()
    with pytest.raises(ExceptionGroup) as raised:
        await _lose(pipeline)
    assert raised.group_contains(DeviceLost)


async def _lose(pipeline: DyingPipeline) -> None:
    async with running_house(pipeline) as house:
        calls = [house.call() for _ in range(3)]
        for number, call in enumerate(calls):
            await call.opened(session_id=100 + number, user_key=100 + number)
        await calls[0].send(player_event=an_event(1))
        await calls[0].until_acked(1)
        pipeline.is_dying = True
        await calls[1].send(frame=a_frame(1))
        codes = await asyncio.gather(*(call.status() for call in calls))
        assert [code for code, _ in codes] == [grpc.StatusCode.INTERNAL] * 3
        assert len(house.writer.interactions()) == 1


async def test_a_call_that_is_cut_while_it_is_written_to_hurts_nobody() -> None:
    """Another call gets its verdict all the same; the one that was cut leaves no frame behind."""
    async with running_house() as house:
        worker, writing = house.worker, asyncio.Event()
        opened = Opened("fake/1", "Fake", MAX_FRAME_BYTES, 1)
        rooms = HouseOfStreams(
            worker.engine, worker.load, worker.sessions, house.writer, house.metrics, opened
        )
        opening = read_request(pb.ObserveRequest(open=an_open(session_id=1, user_key=1)))
        assert isinstance(opening, Opening)
        stream = Stream(rooms, worker.sessions.open(opening), number=10_001)

        async def requests() -> AsyncIterator[Request]:
            yield read_request(pb.ObserveRequest(frame=a_frame(1)))
            await asyncio.Event().wait()

        async def send(response: Response, _: Pace) -> None:
            if isinstance(response, Verdict):
                writing.set()
                await asyncio.Event().wait()

        mate = house.call()
        await mate.opened(session_id=2, user_key=2)
        house.pipeline.may_go.clear()
        call = asyncio.create_task(stream.run(requests(), send))
        await mate.send(frame=a_frame(1))
        async with asyncio.timeout(WITHIN_S):
            while frames_received(house) < 2:  # noqa: ASYNC110  # a metric has no event to wait for
                await asyncio.sleep(0.01)
        house.pipeline.may_go.set()
        await asyncio.wait_for(writing.wait(), WITHIN_S)
        call.cancel()
        await asyncio.wait([call])
        assert call.cancelled()
        assert (await mate.until("verdict")).verdict.sequence == 1
        assert stream.tally.is_conserved
        assert stream.tally.frames_held == 0


def frames_received(house: House) -> float:
    """Return how many frames the worker has received."""
    return house.metrics.registry.get_sample_value("rapt_frames_received_total") or 0.0
