"""Sessions that wait for their browser, and how they end."""

from pathlib import Path

from rapt.v1 import perception_pb2 as perception
from rapt.v1 import viewing_pb2 as viewing

from tests.gateway.fakes import FakePerception, FakeWorker
from tests.gateway.running import Running, config_for, event, frame, run_gateway


async def test_a_browser_that_never_comes_back_ends_the_session_as_lost(
    worker: FakeWorker, tmp_path: Path
) -> None:
    """After the grace the worker is told why."""
    async with run_gateway(config_for(tmp_path, worker.address, grace_s=0.05)) as gateway:
        async with gateway.student() as browser:
            await browser.send(player_event=event(1))
            await browser.until_acked(1)
        await worker.perception.until(1, "closes")
    assert worker.perception.closes[0].reason == perception.EXIT_REASON_LOST


async def test_a_page_that_said_goodbye_has_left(worker: FakeWorker, tmp_path: Path) -> None:
    """A CLOSE event before the socket goes makes the difference between left and lost."""
    config = config_for(tmp_path, worker.address, last_words_s=0.05)
    async with run_gateway(config) as gateway:
        async with gateway.student() as browser:
            await browser.send(player_event=event(1, perception.EVENT_KIND_CLOSE))
            await browser.until_acked(1)
        await worker.perception.until(1, "closes")
    assert worker.perception.closes[0].reason == perception.EXIT_REASON_LEFT


async def test_the_oldest_waiting_session_ends_when_too_many_wait(
    worker: FakeWorker, tmp_path: Path
) -> None:
    """The number of sessions that wait is bounded."""
    async with run_gateway(config_for(tmp_path, worker.address, max_detached=1)) as gateway:
        for _ in range(2):
            async with gateway.student() as browser:
                await browser.send(player_event=event(1))
                await browser.until_acked(1)
        await worker.perception.until(1, "closes")
        assert len(worker.perception.closes) == 1


async def test_no_more_sessions_than_allowed(worker: FakeWorker, tmp_path: Path) -> None:
    """The one too many is told to try later."""
    async with (
        run_gateway(config_for(tmp_path, worker.address, max_sessions=1)) as gateway,
        gateway.student() as first,
    ):
        second = await gateway.open_session()
        async with gateway.browser() as browser:
            await browser.websocket.send(_hello(second["ticket"]))
            assert (await browser.closed_with())[0] == 1013
        await first.send(frame=frame(1))
        assert (await first.next_of("verdict")).sequence == 1


async def test_a_session_that_was_over_can_be_opened_again(
    gateway: Running, perception_fake: FakePerception
) -> None:
    """The same ticket goes on: numbers below its first event were settled before."""
    session = await gateway.open_session()
    async with gateway.browser(session["ticket"]) as browser:
        await browser.send(player_event=event(1))
        await browser.send(player_event=event(2))
        await browser.send(close=perception.Close(reason=perception.EXIT_REASON_LEFT))
        await browser.next_of("closed")
    async with gateway.browser(session["ticket"]) as browser:
        await browser.send(player_event=event(3))
        await browser.until_acked(3)
    assert perception_fake.opens[1].acked_event_seq == 2


async def test_a_restarted_gateway_goes_on_with_the_same_ticket(
    worker: FakeWorker, tmp_path: Path
) -> None:
    """Tickets and seats outlive the process; what was settled is not asked for again."""
    config = config_for(tmp_path, worker.address)
    async with run_gateway(config) as gateway:
        session = await gateway.open_session()
        async with gateway.browser(session["ticket"]) as browser:
            await browser.send(player_event=event(1))
            await browser.until_acked(1)
    async with (
        run_gateway(config) as gateway,
        gateway.browser(session["ticket"]) as browser,
    ):
        await browser.send(player_event=event(2))
        await browser.until_acked(2)
    assert worker.perception.opens[-1].acked_event_seq == 1
    assert [e.seq for e in worker.perception.events] == [1, 2]


async def test_a_gateway_that_stops_ends_sessions_and_says_restart(
    worker: FakeWorker, tmp_path: Path
) -> None:
    """Sockets are closed with 1012, workers hear that the browser was lost."""
    async with run_gateway(config_for(tmp_path, worker.address)) as gateway:
        session = await gateway.open_session()
        async with gateway.browser(session["ticket"]) as browser:
            await browser.send(player_event=event(1))
            await browser.until_acked(1)
            gateway.server.should_exit = True
            assert (await browser.closed_with())[0] == 1012
    await worker.perception.until(1, "closes")
    assert worker.perception.closes[0].reason == perception.EXIT_REASON_LOST


async def test_a_session_without_a_worker_is_given_up_in_bounded_time(
    worker: FakeWorker, tmp_path: Path
) -> None:
    """Close is answered even when no worker ever comes back."""
    async with (
        run_gateway(config_for(tmp_path, worker.address, close_s=0.2)) as gateway,
        gateway.student() as browser,
    ):
        await browser.send(player_event=event(1))
        await browser.until_acked(1)
        await worker.die()
        await browser.next_of("notice")
        await browser.send(player_event=event(2))
        await browser.send(close=perception.Close(reason=perception.EXIT_REASON_LEFT))
        closed = await browser.next_of("closed")
        assert closed.acked_event_seq == 1


def _hello(ticket: str) -> bytes:
    return viewing.ClientMessage(hello=viewing.Hello(ticket=ticket)).SerializeToString()
