"""A gateway whose calendar is not the worker's."""

import grpc
import pytest
from rapt.v1 import perception_pb2 as pb

from tests.inference.calling import a_frame, an_event, now_us
from tests.inference.fakes import running_house

US = 1_000_000
HOUR_US = 3600 * US


@pytest.mark.parametrize("ahead_us", [HOUR_US, -HOUR_US, 0], ids=["ahead", "behind", "same"])
async def test_seconds_and_events_are_on_the_gateway_s_clock(ahead_us: int) -> None:
    """Facts begin with the second in which the call opens, and its events are of now."""
    async with running_house() as house:
        call = house.call()
        gateway_us = now_us() + ahead_us
        await call.opened(opened_at_us=gateway_us - 3 * US, now_us=gateway_us)
        await call.send(player_event=an_event(1, at_us=gateway_us))
        await call.send(frame=a_frame(1))
        await call.until("verdict")
        carried = next(iter(house.worker.sessions._carried.values()))
        carried.session._origin_s -= 4.0  # four seconds pass
        closed = await call.closed()
        assert house.writer.facts()[0].t_s == 3
        assert closed.interactions_written == 1


async def test_an_event_of_the_worker_s_own_hour_is_of_another_time() -> None:
    """What is judged is the difference from the gateway's clock."""
    async with running_house() as house:
        call = house.call()
        gateway_us = now_us() - HOUR_US
        await call.opened(opened_at_us=gateway_us, now_us=gateway_us)
        await call.send(player_event=an_event(1, at_us=now_us()))
        shed = (await call.until("shed")).shed
        assert shed.reason == pb.SHED_REASON_REJECTED_EVENT_TIME


async def test_calendars_a_day_apart_are_refused_with_what_to_do() -> None:
    """That is no skew; somebody has set a wrong date."""
    async with running_house() as house:
        call = house.call()
        gateway_us = now_us() + 25 * HOUR_US
        with pytest.raises(grpc.aio.AioRpcError) as refusal:
            await call.opened(opened_at_us=gateway_us, now_us=gateway_us)
        assert refusal.value.code() is grpc.StatusCode.INVALID_ARGUMENT
        assert "set them" in str(refusal.value.details())
