"""The Observe call: a worker that dies, comes back, is full, or was never there."""

import asyncio
from pathlib import Path

import grpc
import pytest
from rapt.cli.ports import free_ports
from rapt.v1 import perception_pb2 as perception
from rapt.v1 import viewing_pb2 as viewing

from gateway.viewing.observe import _come_back_s
from tests.gateway.fakes import FakePerception, FakeWorker
from tests.gateway.running import (
    Browser,
    Running,
    config_for,
    event,
    frame,
    gateway_of_two,
    run_gateway,
)


async def _paused(browser: Browser) -> None:
    while (await browser.next_of("notice")).code != viewing.NOTICE_CODE_MEASURING_PAUSED:
        pass


async def _resumed(browser: Browser) -> None:
    while (await browser.next_of("notice")).code != viewing.NOTICE_CODE_MEASURING_RESUMED:
        pass


async def test_a_dead_worker_pauses_and_a_new_one_resumes_the_session(
    gateway: Running, worker: FakeWorker, perception_fake: FakePerception
) -> None:
    """The person is told; frames are shed; events wait and reach the next call, in order."""
    async with gateway.student() as browser:
        played = [perception.Segment(from_ms=0, to_ms=900, rate_pct=100, visible=True)]
        await browser.send(player_event=event(1, segments=played))
        await browser.until_acked(1)
        await worker.die()
        await _paused(browser)
        await browser.send(frame=frame(1))
        shed = await browser.next_of("shed")
        assert shed.reason == perception.SHED_REASON_REFUSED_UNAVAILABLE
        await browser.send(player_event=event(2))
        await browser.send(player_event=event(3))
        await worker.start()
        await _resumed(browser)
        await browser.until_acked(3)
        await browser.send(frame=frame(2))
        assert (await browser.next_of("verdict")).sequence == 2
    first, second = perception_fake.opens
    assert first.session_id == second.session_id
    assert first.opened_at_us == second.opened_at_us
    assert second.acked_event_seq == 1
    assert [(s.from_ms, s.to_ms) for s in second.segments] == [(0, 900)]
    assert [e.seq for e in perception_fake.events] == [1, 2, 3]


@pytest.mark.parametrize("camera", ["webcam", "room"])
async def test_a_worker_is_told_what_the_camera_looks_at(
    gateway: Running, perception_fake: FakePerception, camera: str
) -> None:
    """As whoever opened the session declared it."""
    session = await gateway.open_session(camera=camera)
    async with gateway.browser(session["ticket"]) as browser:
        await browser.send(player_event=event(1))
        await browser.until_acked(1)
    opened = perception_fake.opens[0]
    assert opened.camera == perception.Camera.Value(f"CAMERA_{camera.upper()}")


async def test_what_was_not_acknowledged_is_sent_again(
    gateway: Running, worker: FakeWorker, perception_fake: FakePerception
) -> None:
    """Events that died with the worker go to the next one."""
    perception_fake.holds_acks = True
    async with gateway.student() as browser:
        for seq in (1, 2, 3):
            await browser.send(player_event=event(seq))
        await perception_fake.until(3, "events")
        await worker.die()
        perception_fake.holds_acks = False
        await worker.start()
        await browser.until_acked(3)
    assert [e.seq for e in perception_fake.events] == [1, 2, 3, 1, 2, 3]


async def test_frames_that_died_with_the_worker_are_answered(
    gateway: Running, worker: FakeWorker, perception_fake: FakePerception
) -> None:
    """Each frame under way is shed, so that the browser's credit comes back."""
    perception_fake.holds_frames = True
    async with gateway.student() as browser:
        await browser.send(frame=frame(1))
        await perception_fake.until(1, "frames")
        await worker.die()
        shed = await browser.next_of("shed")
        assert shed.frame_sequence == 1
        assert shed.reason == perception.SHED_REASON_REFUSED_UNAVAILABLE
        assert shed.control.credits == 1


async def test_a_worker_that_comes_late_is_waited_for(tmp_path: Path) -> None:
    """A gateway serves before any worker is there."""
    worker = FakeWorker()
    (worker.port,) = free_ports(1)
    async with (
        run_gateway(config_for(tmp_path, worker.address)) as gateway,
        gateway.student() as browser,
    ):
        await browser.send(player_event=event(1))
        await _paused(browser)
        await worker.start()
        await _resumed(browser)
        await browser.until_acked(1)
        await worker.die()


async def test_a_second_worker_takes_over(tmp_path: Path) -> None:
    """With two addresses a session goes on at the one that lives."""
    async with (
        gateway_of_two(tmp_path) as (gateway, workers),
        gateway.student() as browser,
    ):
        await browser.send(player_event=event(1))
        await browser.until_acked(1)
        used = next(worker for worker in workers if worker.perception.opens)
        other = next(worker for worker in workers if worker is not used)
        await used.die()
        await browser.send(player_event=event(2))
        await browser.until_acked(2)
        assert other.perception.opens[0].acked_event_seq == 1


async def test_a_session_leaves_a_worker_that_drains(tmp_path: Path) -> None:
    """Nobody is told, no frame is shed, and the next worker hears everything."""
    async with (
        gateway_of_two(tmp_path) as (gateway, workers),
        gateway.student() as browser,
    ):
        for worker in workers:
            worker.perception.drains_at = 1
        await browser.send(player_event=event(1))
        await browser.until_acked(1)
        for sequence in (1, 2):
            await browser.send(frame=frame(sequence))
            heard = [await browser.next()]
            while heard[-1].WhichOneof("message") != "verdict":
                heard.append(await browser.next())
            assert {message.WhichOneof("message") for message in heard} <= {"control", "verdict"}
            assert heard[-1].verdict.sequence == sequence
    left, taken = sorted(workers, key=lambda worker: len(worker.perception.events), reverse=True)
    assert [f.sequence for f in left.perception.frames] == [1]
    assert [f.sequence for f in taken.perception.frames] == [2]
    (opened,) = taken.perception.opens
    assert opened.state == b"last"
    assert (opened.written.until_s, opened.acked_event_seq) == (1, 1)
    assert [known.seq for known in opened.events] == [1]


async def test_a_refusal_is_followed_by_the_second_worker_at_once(tmp_path: Path) -> None:
    """However long the first one wants to be left alone."""
    async with gateway_of_two(tmp_path) as (gateway, workers):
        workers[0].perception.refuses_with = grpc.StatusCode.RESOURCE_EXHAUSTED
        students = 0
        while workers[0].perception.calls == 0:  # who is first for a session is left to its number
            assert students < 40
            students += 1
            async with gateway.student() as browser:
                await browser.send(frame=frame(1))
                assert (await browser.next_of("verdict")).sequence == 1
    assert len(workers[1].perception.opens) == students


@pytest.mark.parametrize("code", [grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.RESOURCE_EXHAUSTED])
async def test_a_full_worker_is_asked_again(
    gateway: Running, perception_fake: FakePerception, code: grpc.StatusCode
) -> None:
    """A refused Open pauses the session until a worker takes it."""
    perception_fake.refuses_with = code
    async with gateway.student() as browser:
        await browser.send(player_event=event(1))
        await _paused(browser)
        perception_fake.refuses_with = None
        await _resumed(browser)
        await browser.until_acked(1)


async def test_sessions_share_nothing_when_one_is_cut(
    gateway: Running, perception_fake: FakePerception
) -> None:
    """A browser that goes away leaves the others alone."""
    content_id = await gateway.make_content()
    async with gateway.student(content_id) as stays:
        async with gateway.student(content_id) as goes:
            await goes.send(frame=frame(1))
            await goes.next_of("verdict")
            goes.websocket.transport.abort()
        for sequence in range(1, 6):
            await stays.send(frame=frame(sequence))
            assert (await stays.next_of("verdict")).sequence == sequence
            await asyncio.sleep(0)
    assert perception_fake.calls == 2


@pytest.mark.parametrize(
    ("trailer", "come_back_s"),
    [
        pytest.param((("grpc-retry-pushback-ms", "5000"),), 5.0, id="a wish"),
        pytest.param((("grpc-retry-pushback-ms", "9000000"),), 60.0, id="too long a wish"),
        pytest.param((("grpc-retry-pushback-ms", "-1"),), 0.0, id="never, which we do not obey"),
        pytest.param((("grpc-retry-pushback-ms", "soon"),), 0.0, id="no number"),
        pytest.param((), 0.0, id="no wish"),
    ],
)
def test_a_worker_that_refuses_says_when_to_come_back(
    trailer: tuple[tuple[str, str], ...], come_back_s: float
) -> None:
    """Within bounds, so that no worker can keep a session away."""
    refusal = grpc.aio.AioRpcError(
        grpc.StatusCode.UNAVAILABLE, grpc.aio.Metadata(), grpc.aio.Metadata(*trailer)
    )
    assert _come_back_s(refusal) == come_back_s
