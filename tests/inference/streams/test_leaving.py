"""How a session leaves a worker that drains, and what the next worker goes on with."""

import asyncio
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from rapt.v1 import perception_pb2 as pb

from inference.streams.observing import SERVICE
from tests.inference.calling import Call, a_frame, an_event, an_open, control_of, now_us
from tests.inference.fakes import House, running_house


async def leave(call: Call) -> tuple[pb.Open, grpc.StatusCode]:
    """Do as a gateway does that is told to leave; return what it tells the next worker."""
    await call.grpc.done_writing()
    code, _ = await call.status()
    opened = pb.Open()
    for answer in call.answers:
        kind = answer.WhichOneof("message")
        if kind == "checkpoint":
            opened.state = answer.checkpoint.state
        if kind == "verdict":
            opened.glances.append(answer.verdict.glance)
        if kind not in {"checkpoint", "drain"} and control_of(answer).HasField("written"):
            opened.written.CopyFrom(control_of(answer).written)
    return opened, code


async def is_serving(house: House) -> bool:
    """Ask the health service."""
    stub: Any = health_pb2_grpc.HealthStub(house.channel)  # its stubs know no methods
    answer = await stub.Check(health_pb2.HealthCheckRequest(service=SERVICE))
    return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)


async def test_a_draining_worker_answers_what_it_has_and_lets_go() -> None:
    """Health says no, the gateway is told, the frame under way is answered, the call ends well."""
    async with running_house(drain_s=50.0) as house:
        call = house.call()
        await call.opened()
        house.pipeline.may_go.clear()
        await call.send(frame=a_frame(1))
        await house.pipeline.is_reached()
        house.stop.set()
        drain = (await call.until("drain")).drain
        assert 0 < drain.grace_ms <= 50_000
        assert call.answers[-2].WhichOneof("message") == "checkpoint"
        assert not await is_serving(house)
        leaving = asyncio.create_task(leave(call))
        await asyncio.sleep(0)
        house.pipeline.may_go.set()
        opened, code = await leaving
        assert code is grpc.StatusCode.OK
        assert [
            a.verdict.sequence for a in call.answers if a.WhichOneof("message") == "verdict"
        ] == [1]
        assert call.sheds() == []
        assert opened.state
        assert opened.HasField("written")


async def test_the_next_worker_writes_what_the_last_one_left() -> None:
    """The seconds of both make one session: none missing, none twice, and the counts add up."""
    async with running_house(drain_s=50.0) as first, running_house() as second:
        opened_at_us = now_us() - 5_000_000
        call = first.call()
        await call.opened(opened_at_us=opened_at_us)
        await call.send(player_event=an_event(1))
        await call.until_acked(1)
        await call.send(frame=a_frame(1))
        await call.until("verdict")
        carried = next(iter(first.worker.sessions._carried.values()))
        carried.session._origin_s -= 4.0  # four seconds pass
        await call.send(frame=a_frame(2))
        await call.until("verdict")
        await first.worker.sessions.flush()
        first.stop.set()
        await call.until("drain")
        left, _ = await leave(call)
        again = second.call()
        left.opened_at_us, left.acked_event_seq = opened_at_us - 4_000_000, 1
        await again.opened(**{f.name: value for f, value in left.ListFields()})
        await again.send(player_event=an_event(2))
        await again.send(frame=a_frame(3))
        await again.until("verdict")
        carried = next(iter(second.worker.sessions._carried.values()))
        carried.session._origin_s -= 3.0
        closed = await again.closed()
    mine, theirs = ([f.t_s for f in house.writer.facts()] for house in (first, second))
    assert mine
    assert theirs
    assert mine + theirs == list(range(mine[0], mine[0] + len(mine + theirs)))
    assert sum(f.frames for house in (first, second) for f in house.writer.facts()) == 3
    assert closed.facts_written == len(mine + theirs)


async def test_a_draining_worker_takes_nobody_new() -> None:
    """The gateway asks the next one."""
    async with running_house(drain_s=50.0) as house:
        stays = house.call()
        await stays.opened()
        house.stop.set()
        await stays.until("drain")
        comes = house.call()
        await comes.send(open=an_open(session_id=12))
        code, details = await comes.status()
        assert (code, "elsewhere" in details) == (grpc.StatusCode.UNAVAILABLE, True)
        await leave(stays)


async def test_who_does_not_leave_is_cut() -> None:
    """An old gateway knows no Drain; it opens its session again when the call ends."""
    async with running_house(drain_s=0.3) as house:
        call = house.call()
        await call.opened()
        await call.send(frame=a_frame(1))
        await call.until("verdict")
        house.stop.set()
        code, details = await call.status()
        assert (code, "stopping" in details) == (grpc.StatusCode.UNAVAILABLE, True)


async def test_what_is_on_disk_is_told_only_when_it_has_changed() -> None:
    """It rides on what is sent anyway."""
    async with running_house() as house:
        call = house.call()
        opened = await call.opened()
        assert opened.control.written.until_s == 0
        for sequence in range(1, 4):
            await call.send(frame=a_frame(sequence))
            verdict = (await call.until("verdict")).verdict
            assert not verdict.control.HasField("written")
            assert verdict.glance.state == verdict.state


@pytest.mark.parametrize("away_s", [0, 400])
async def test_a_session_that_was_away_for_long_fills_no_gap(away_s: int) -> None:
    """Nobody knows whether the person was there."""
    async with running_house() as house:
        call = house.call()
        written = pb.Written(until_s=100, facts=100, attention_n=10, attention_sum=800)
        opened_at_us = now_us() - (101 + away_s) * 1_000_000
        opened = await call.opened(opened_at_us=opened_at_us, acked_event_seq=3, written=written)
        begins_s = 100 if away_s == 0 else 101 + away_s
        assert abs(opened.control.written.until_s - begins_s) <= 1
        assert opened.control.written.facts == 100
        closed = await call.closed()
        assert closed.facts_written >= 100
