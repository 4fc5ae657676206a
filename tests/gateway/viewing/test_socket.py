"""The WebSocket edge against a real server and a worker on loopback: good input and bad."""

import struct
import time
from pathlib import Path

import pytest
from rapt.v1 import perception_pb2 as perception
from rapt.v1 import viewing_pb2 as viewing
from websockets.asyncio.client import connect

from gateway.identity.tickets import Tickets
from tests.gateway.fakes import FakePerception, FakeWorker
from tests.gateway.running import KEY, Running, config_for, event, frame, run_gateway

UNKNOWN_FIELD = bytes([0xFA, 0x3F, 0x03]) + b"new"
"""Field 1023, length-delimited: something that a later version may send."""


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


async def test_the_worker_learns_who_watches_from_the_ticket(
    gateway: Running, perception_fake: FakePerception
) -> None:
    """Tenant, content, session and rules stand in Open; the name does not."""
    content_id = await gateway.make_content()
    session = await gateway.open_session(content_id, device="phone")
    async with gateway.browser(session["ticket"]) as browser:
        await browser.send(player_event=event(1))
        await browser.until_acked(1)
    opened = perception_fake.opens[0]
    assert opened.session_id == int(session["session_id"]) == browser.welcome.session_id
    assert opened.content_id == int(content_id) == browser.welcome.content_id
    assert (opened.tenant_id, opened.role, opened.device) == (1, perception.ROLE_STUDENT, "phone")
    assert opened.content_length_ms == 60_000
    assert opened.policy == browser.welcome.policy == "adult/1"
    assert opened.user_key
    assert b"Lovelace" not in opened.SerializeToString()


async def test_ping_is_answered_with_both_clocks(gateway: Running) -> None:
    """Pong returns the browser's time and the gateway's own."""
    async with gateway.student() as browser:
        await browser.send(ping=viewing.Ping(client_us=42))
        pong = await browser.next_of("pong")
        assert pong.client_us == 42
        assert abs(pong.server_us - time.time_ns() // 1000) < 60_000_000


async def test_text_closes_the_socket_with_a_reason(gateway: Running) -> None:
    """A text frame is 4400 and says that the socket is binary."""
    async with gateway.student() as browser:
        await browser.websocket.send("hello")
        code, reason = await browser.closed_with()
        assert code == 4400
        assert "binary" in reason


@pytest.mark.parametrize(
    "data", [pytest.param(b"\xff" * 64, id="garbage"), pytest.param(b"\x12\xff\x01", id="cut")]
)
async def test_bytes_that_are_no_message_close_the_socket(gateway: Running, data: bytes) -> None:
    """What cannot be parsed is 4400."""
    async with gateway.student() as browser:
        await browser.websocket.send(data)
        assert (await browser.closed_with())[0] == 4400


@pytest.mark.parametrize(
    "data", [pytest.param(b"", id="none set"), pytest.param(UNKNOWN_FIELD, id="unknown one")]
)
async def test_a_wrong_oneof_is_shed_and_ends_nothing(gateway: Running, data: bytes) -> None:
    """A message without known content is answered; the next frame has its verdict."""
    async with gateway.student() as browser:
        await browser.websocket.send(data)
        shed = await browser.next_of("shed")
        assert shed.reason == perception.SHED_REASON_REJECTED_MESSAGE
        assert shed.detail
        await browser.send(frame=frame(1))
        assert (await browser.next_of("verdict")).sequence == 1


async def test_an_unknown_field_is_ignored(gateway: Running) -> None:
    """A frame with a field of a later version is a frame."""
    async with gateway.student() as browser:
        data = viewing.ClientMessage(frame=frame(7)).SerializeToString() + UNKNOWN_FIELD
        await browser.websocket.send(data)
        assert (await browser.next_of("verdict")).sequence == 7


async def test_a_frame_before_hello_closes_the_socket(
    gateway: Running, perception_fake: FakePerception
) -> None:
    """Nobody is measured before they have said who they are."""
    async with gateway.browser() as browser:
        await browser.send(frame=frame(1))
        code, reason = await browser.closed_with()
        assert code == 4400
        assert "Hello" in reason
        assert perception_fake.calls == 0


async def test_a_second_hello_closes_the_socket(gateway: Running) -> None:
    """A socket belongs to one session."""
    session = await gateway.open_session()
    async with gateway.browser(session["ticket"]) as browser:
        await browser.send(hello=viewing.Hello(ticket=session["ticket"]))
        assert (await browser.closed_with())[0] == 4400


async def test_no_hello_in_time_closes_the_socket(worker: FakeWorker, tmp_path: Path) -> None:
    """A silent socket is 4408."""
    async with (
        run_gateway(config_for(tmp_path, worker.address, hello_s=0.1)) as gateway,
        gateway.browser() as browser,
    ):
        assert (await browser.closed_with())[0] == 4408


def _expired(ticket: str) -> str:
    tickets = Tickets(KEY, good_for_s=600)
    return tickets.sign(tickets.read(ticket, now_s=int(time.time())), now_s=1_000)


def _forged(ticket: str) -> str:
    tickets = Tickets(KEY, good_for_s=600)
    read = tickets.read(ticket, now_s=int(time.time()))
    return Tickets("f" * 32, good_for_s=600).sign(read, now_s=int(time.time()))


def _changed(ticket: str) -> str:
    head, body, signature = ticket.split(".")
    return f"{head}.{body[:-4]}AAAA.{signature}"


@pytest.mark.parametrize(
    "spoil", [_expired, _forged, _changed, lambda _: "", lambda _: "no.ticket.atall"]
)
async def test_a_bad_ticket_is_refused_and_the_good_one_still_works(
    gateway: Running, spoil: object
) -> None:
    """Expired, forged, changed or missing: 4401 and what to do."""
    session = await gateway.open_session()
    assert callable(spoil)
    async with gateway.browser() as browser:
        await browser.send(hello=viewing.Hello(ticket=spoil(session["ticket"])))
        code, reason = await browser.closed_with()
        assert code == 4401
        assert "POST /v1/sessions" in reason
    async with gateway.browser(session["ticket"]) as browser:
        assert browser.welcome.session_id == int(session["session_id"])


async def test_a_socket_cut_inside_a_message_loses_nothing(
    gateway: Running, perception_fake: FakePerception
) -> None:
    """The session goes on with the same ticket and the same call, and knows what was safe."""
    session = await gateway.open_session()
    async with gateway.browser(session["ticket"]) as browser:
        await browser.send(player_event=event(1))
        await browser.until_acked(1)
        header = bytes([0x82, 0xFE]) + struct.pack(">H", 5000) + b"mask"
        browser.websocket.transport.write(header + b"only the beginning")
        browser.websocket.transport.abort()
    async with gateway.browser(session["ticket"]) as browser:
        assert browser.welcome.acked_event_seq == 1
        await browser.send(frame=frame(1))
        assert (await browser.next_of("verdict")).sequence == 1
    assert perception_fake.calls == 1


async def test_the_newest_socket_of_a_session_wins(gateway: Running) -> None:
    """The older one is closed with 4409 and the session goes on."""
    session = await gateway.open_session()
    async with (
        gateway.browser(session["ticket"]) as old,
        gateway.browser(session["ticket"]) as new,
    ):
        assert (await old.closed_with())[0] == 4409
        await new.send(frame=frame(1))
        assert (await new.next_of("verdict")).sequence == 1


async def test_a_page_of_another_origin_is_refused(gateway: Running) -> None:
    """Only our own pages and the origins of the settings may connect from a browser."""
    url = gateway.url.replace("http", "ws") + "/ws"
    async with connect(url, origin="https://elsewhere.example") as websocket:  # type: ignore[arg-type] # Origin is a str
        await websocket.wait_closed()
        assert websocket.close_code == 4403
    async with connect(url, origin=gateway.url) as websocket:  # type: ignore[arg-type] # Origin is a str
        hello = viewing.Hello(ticket="bad")
        await websocket.send(viewing.ClientMessage(hello=hello).SerializeToString())
        await websocket.wait_closed()
        assert websocket.close_code == 4401


async def test_the_wall_is_not_for_students(gateway: Running) -> None:
    """A student who asks for the wall is told so and stays connected."""
    async with gateway.student() as browser:
        await browser.send(watch_wall=viewing.WatchWall())
        shed = await browser.next_of("shed")
        assert shed.reason == perception.SHED_REASON_REJECTED_MESSAGE
        await browser.send(ping=viewing.Ping(client_us=1))
        await browser.next_of("pong")
