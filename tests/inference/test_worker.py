"""One worker from its first call to its last flush."""

import asyncio
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from rapt.errors import Misconfigured

from inference.metrics import Metrics
from inference.server import Door
from inference.streams.observing import SERVICE
from inference.worker import Parts, Worker
from tests.inference.calling import WITHIN_S, Call, a_frame, an_event, an_open, now_us
from tests.inference.fakes import FakePipeline, RecordingWriter, running_house
from tests.inference.oip.serving import summing


async def test_health_and_reflection_name_the_service() -> None:
    """What gateways and tools ask first."""
    async with running_house() as house:
        health: Any = health_pb2_grpc.HealthStub(house.channel)  # its stubs know no methods
        for name in (SERVICE, ""):
            answer = await health.Check(health_pb2.HealthCheckRequest(service=name))
            assert answer.status == health_pb2.HealthCheckResponse.SERVING
        ask = reflection_pb2.ServerReflectionRequest(list_services="")
        stub: Any = reflection_pb2_grpc.ServerReflectionStub  # its stubs know no asyncio
        call = stub(house.channel).ServerReflectionInfo()
        await call.write(ask)
        answer = await call.read()
        names = {service.name for service in answer.list_services_response.service}
        assert {SERVICE, "grpc.health.v1.Health"} <= names
        await call.done_writing()


async def test_a_stopping_worker_ends_calls_with_everything_on_disk() -> None:
    """The gateway is told to open the session again; what was acknowledged is kept."""
    async with running_house() as house:
        call = house.call()
        await call.opened(opened_at_us=now_us() - 5_000_000)
        await call.send(player_event=an_event(1))
        await call.until_acked(1)
        await call.send(frame=a_frame(1))
        await call.until("verdict")
        carried = next(iter(house.worker.sessions._carried.values()))
        carried.session._origin_s -= 3.0  # three seconds pass
        house.stop.set()
        code, details = await call.status()
        assert (code, "stopping" in details) == (grpc.StatusCode.UNAVAILABLE, True)
    seconds = [fact.t_s for fact in house.writer.facts()]
    assert len(seconds) >= 3
    assert seconds == list(range(seconds[0], seconds[0] + len(seconds)))
    assert seconds[0] >= 5
    assert house.writer.sessions()[-1].segments == ()


async def test_a_taken_port_is_a_clear_error() -> None:
    """And never two workers on one port."""
    async with running_house() as house:
        parts = Parts(FakePipeline(), RecordingWriter(), Metrics(), "fake/1")
        with pytest.raises(Misconfigured, match="RAPT_INFERENCE_LISTEN"):
            Worker(parts, door=Door(f"127.0.0.1:{house.worker.port}"), drain_s=1.0)


async def test_a_full_worker_refuses_to_open_and_says_when_to_come_back() -> None:
    """UNAVAILABLE with a push-back; the streams it has go on."""
    async with running_house() as house:
        served = house.call()
        await served.opened()
        for bucket in house.worker.engine.table.buckets * 9:
            house.worker.engine.table.add(bucket, 40.0)
        refused = house.call()
        await refused.send(open=an_open(session_id=12, user_key=14))
        code, details = await refused.status()
        assert (code, "busy" in details) == (grpc.StatusCode.UNAVAILABLE, True)
        trailer = dict(await refused.grpc.trailing_metadata())
        assert int(trailer["grpc-retry-pushback-ms"]) > 0
        await served.send(player_event=an_event(1))
        await served.until_acked(1)


async def test_the_device_is_shared_evenly() -> None:
    """Who is there is told at once: less often when another comes, more when it has left."""
    async with running_house() as house:
        first = house.call()
        assert (await first.opened()).control.target_fps_milli == 2000
        for bucket in house.worker.engine.table.buckets * 9:
            house.worker.engine.table.add(bucket, 0.5 * bucket)
        second = house.call()
        opened = await second.opened(session_id=12, user_key=14)
        assert opened.control.target_fps_milli == 500
        await _is_asked_for(first, 500)
        await second.closed()
        await _is_asked_for(first, 1000)


async def _is_asked_for(call: Call, fps_milli: int) -> None:
    """Wait until a call is told a rate; before it others may be repeated, with other news."""
    while (await call.until("control")).control.target_fps_milli != fps_milli:
        pass


async def test_a_worker_shows_what_it_runs_on_and_how_much_of_that_is_needed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By what arrives for streams and for networks together, and by all open streams."""
    network = summing()
    async with running_house(networks={"sum": network}) as house:

        def shown(kind: str) -> float | None:
            return house.metrics.registry.get_sample_value("rapt_device_load_ratio", {"kind": kind})

        assert (shown("arriving"), shown("open")) == (0, 0)
        provider = {"provider": house.pipeline.provider}
        assert house.metrics.registry.get_sample_value("rapt_device_info", provider) == 1
        for bucket in house.worker.engine.table.buckets:
            house.worker.engine.table.add(bucket, 0.1 * bucket)
        await house.call().opened()
        assert shown("open") == pytest.approx(0.2)
        monkeypatch.setattr(house.worker.engine, "load", lambda _: 0.3)
        monkeypatch.setattr(network._engine, "load", lambda _: 0.4)
        assert shown("arriving") == pytest.approx(0.7)


async def test_many_streams_open_and_close_and_nothing_stays_behind() -> None:
    """No task, no frame, no stream is left."""
    async with running_house() as house:
        before = len(asyncio.all_tasks())

        async def one(number: int) -> int:
            call = house.call()
            await call.opened(session_id=number, user_key=number)
            await call.send(player_event=an_event(1))
            for sequence in range(1, 6):
                await call.send(frame=a_frame(sequence))
                await call.until("verdict")
            closed = await call.closed()
            await call.status()
            return closed.frames_answered

        async with asyncio.TaskGroup() as tasks:
            calls = [tasks.create_task(one(number)) for number in range(1, 41)]
        assert [task.result() for task in calls] == [5] * 40
        assert house.metrics.registry.get_sample_value("rapt_streams_open") == 0
        assert len(house.writer.interactions()) == 40
        async with asyncio.timeout(WITHIN_S):
            while len(asyncio.all_tasks()) > before:  # noqa: ASYNC110  # tasks end on their own
                await asyncio.sleep(0.01)
