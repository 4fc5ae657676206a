"""The WebSocket edge against a real server and a worker on loopback."""

from rapt.v1 import perception_pb2 as perception

from tests.gateway.fakes import FakePerception
from tests.gateway.running import Running, event, frame


async def test_a_frame_gets_its_verdict(gateway: Running) -> None:
    """A frame goes to the worker and its verdict comes back."""
    async with gateway.student() as browser:
        await browser.send(frame=frame(1))
        verdict = await browser.next_of("verdict")
        assert verdict.sequence == 1
        assert verdict.state == perception.STATE_FOCUSED


async def test_a_player_event_is_acknowledged(
    gateway: Running, perception_fake: FakePerception
) -> None:
    """An event reaches the worker and its number comes back."""
    async with gateway.student() as browser:
        await browser.send(player_event=event(1))
        await browser.until_acked(1)
        assert [e.seq for e in perception_fake.events] == [1]


async def test_close_is_answered_and_the_socket_closes(
    gateway: Running, perception_fake: FakePerception
) -> None:
    """Close reaches the worker; Closed comes back, then the socket ends with 1000."""
    async with gateway.student() as browser:
        await browser.send(player_event=event(1))
        await browser.send(close=perception.Close(reason=perception.EXIT_REASON_COMPLETED))
        closed = await browser.next_of("closed")
        assert closed.acked_event_seq == 1
        assert (await browser.closed_with())[0] == 1000
        assert perception_fake.closes[0].reason == perception.EXIT_REASON_COMPLETED
