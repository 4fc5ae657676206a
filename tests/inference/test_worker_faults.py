"""The device breaks while calls are open: everyone is told, and a new process can begin."""

import asyncio

import grpc
import pytest

from inference.device import DeviceLost
from inference.perception.look import Look, Seen, Unreadable
from inference.stages import Ran
from tests.inference.fakes import FakePipeline, a_frame, an_event, running_house


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
