"""The socket against a gateway that cuts, refuses and stays silent."""

import asyncio

import pytest
from rapt.client import Rest, Viewing
from rapt.errors import InvalidMessage, NotPermitted, NotSignedIn, RaptError, Unavailable
from rapt.v1 import perception_pb2 as perception
from rapt.v1 import viewing_pb2 as viewing

from tests.demo.fakes import TOKEN, FakeGateway, serving


async def view(gateway: FakeGateway, *, events: int, frames: int = 0) -> list[str]:
    """View to the end: tell events, offer frames, say goodbye; what was heard, by kind."""
    heard: list[str] = []
    answered = asyncio.Event()

    def listen(message: viewing.ServerMessage) -> None:
        heard.append(str(message.WhichOneof("message")))
        answered.set()

    async with Rest(gateway.url, TOKEN) as rest, asyncio.TaskGroup() as group:
        viewing_now = Viewing(rest, await rest.open_session("5", "Somebody"), listen=listen)
        group.create_task(viewing_now.run())
        for number in range(events):
            viewing_now.tell(perception.PlayerEvent(at_us=number))
        for number in range(frames):
            answered.clear()
            viewing_now.offer(b"picture", captured_us=number, width=320, height=240)
            await answered.wait()
        closed = await viewing_now.close(perception.EXIT_REASON_LEFT, within_s=60)
        assert closed.facts_written == 3
    return heard


async def test_a_session_runs_from_hello_to_closed() -> None:
    """Events arrive in order, frames get verdicts, the goodbye is answered."""
    async with serving(FakeGateway()) as gateway:
        heard = await view(gateway, events=5, frames=3)
    assert gateway.order == [1, 2, 3, 4, 5]
    assert heard[0] == "welcome"
    assert heard[-1] == "closed"
    assert "verdict" in heard
    assert gateway.closes == [perception.EXIT_REASON_LEFT]


@pytest.mark.parametrize("cuts", [[1], [0, 0], [3, 2, 1]])
async def test_nothing_is_lost_when_the_socket_is_cut(cuts: list[int]) -> None:
    """Every event arrives, and each number means the same event however often it comes."""
    async with serving(FakeGateway(cut_after=cuts)) as gateway:
        await view(gateway, events=8)
    assert sorted(gateway.events) == list(range(1, 9))
    assert [gateway.events[seq].at_us for seq in range(1, 9)] == list(range(8))


async def test_a_refused_event_is_sent_again() -> None:
    """An event that found no room gets it later."""
    async with serving(FakeGateway(refuse_events=1)) as gateway:
        await view(gateway, events=2)
    assert sorted(gateway.events) == [1, 2]
    assert len(gateway.order) > 2


async def test_an_expired_ticket_is_renewed_once() -> None:
    """The session goes on with the new ticket."""
    async with serving(FakeGateway(refuse_tickets=1)) as gateway:
        await view(gateway, events=1)
    assert gateway.renewals == 1
    assert gateway.tickets[0] != gateway.tickets[1]


@pytest.mark.parametrize(
    ("gateway", "error"),
    [
        pytest.param(FakeGateway(refuse_tickets=9), NotSignedIn, id="ticket refused twice"),
        pytest.param(FakeGateway(close_code=4403), NotPermitted, id="not permitted"),
        pytest.param(FakeGateway(close_code=4409), NotPermitted, id="taken over"),
        pytest.param(FakeGateway(close_code=4400), InvalidMessage, id="bad message"),
    ],
)
async def test_a_final_refusal_ends_the_session(
    gateway: FakeGateway, error: type[RaptError]
) -> None:
    """There is no second attempt where it cannot help."""
    async with serving(gateway), Rest(gateway.url, TOKEN) as rest:
        session = Viewing(rest, await rest.open_session("5", "Somebody"), listen=print)
        with pytest.raises(error):
            await session.run()


async def test_without_answers_one_frame_is_under_way_and_the_newest_waits() -> None:
    """A silent server is not flooded."""
    async with serving(FakeGateway(is_silent=True)) as gateway, Rest(gateway.url, TOKEN) as rest:
        session = Viewing(rest, await rest.open_session("5", "Somebody"), listen=print)
        async with asyncio.TaskGroup() as group:
            run = group.create_task(session.run())
            await session.ready()
            for number in range(5):
                session.offer(b"picture", captured_us=number, width=320, height=240)
            session.tell(perception.PlayerEvent())
            await gateway.has_event.wait()
            run.cancel()
    assert len(gateway.frames) <= 1
    assert session.frames_sent + session.frames_unsent + 1 >= 5


async def test_a_goodbye_without_a_server_says_so() -> None:
    """Closing does not wait for ever."""
    async with serving(FakeGateway()) as gateway, Rest(gateway.url, TOKEN) as rest:
        opened = await rest.open_session("5", "Somebody")
        session = Viewing(rest, opened, listen=print)
    with pytest.raises(Unavailable, match="not closed within"):
        await session.close(perception.EXIT_REASON_LEFT, within_s=0.05)
