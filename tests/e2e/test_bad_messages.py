"""A message that breaks the contract gets a clear answer or close, and ends nothing else."""

import asyncio
import struct
import time
from contextlib import suppress

import grpc
import pytest
from rapt.bearer import metadata_with
from rapt.cli.credentials import load_credentials
from rapt.deadline import MAX_BUDGET_MS
from rapt.v1 import perception_pb2 as perception
from rapt.v1 import perception_pb2_grpc
from rapt.v1 import viewing_pb2 as viewing

from tests.e2e.peer import Peer, open_session
from tests.services import Services

WITHIN_S = 60.0
UNKNOWN_FIELD = bytes([0xFA, 0x3F, 0x03]) + b"new"
"""Field 1023, length-delimited: something that a later version may send."""


async def test_unknown_field_is_ignored(running: Services, portrait: bytes) -> None:
    """A client of a later version is understood as far as possible."""
    opened = await open_session(running.running, "Ada")
    async with Peer(running.running, opened) as peer:
        await peer.hello()
        frame = perception.Frame(sequence=1, captured_us=1, budget_ms=MAX_BUDGET_MS, image=portrait)
        message = viewing.ClientMessage(frame=frame).SerializeToString()
        await peer.socket.send(message + UNKNOWN_FIELD)
        assert (await peer.answer("verdict")).verdict.sequence == 1


async def test_wrong_oneof_is_answered(running: Services, portrait: bytes) -> None:
    """A message with no known content is refused; the next frame gets its verdict."""
    opened = await open_session(running.running, "Ada")
    async with Peer(running.running, opened) as peer:
        await peer.hello()
        await peer.socket.send(UNKNOWN_FIELD)
        shed = (await peer.answer("shed")).shed
        assert shed.reason == perception.SHED_REASON_REJECTED_MESSAGE
        await peer.send_frame(portrait, sequence=1)
        assert (await peer.answer("verdict")).verdict.sequence == 1


async def test_landmarks_are_refused_until_accepted(running: Services) -> None:
    """The reserved way of on-device clients says so."""
    opened = await open_session(running.running, "Ada")
    async with Peer(running.running, opened) as peer:
        await peer.hello()
        frame = perception.Frame(sequence=1, landmarks=perception.Landmarks(xyz=[0.5] * 1434))
        await peer.send(viewing.ClientMessage(frame=frame))
        shed = (await peer.answer("shed")).shed
        assert shed.reason == perception.SHED_REASON_REJECTED_UNSUPPORTED


async def test_frame_before_hello_closes_the_socket(running: Services, portrait: bytes) -> None:
    """Nobody is measured before they have said who they are."""
    opened = await open_session(running.running, "Ada")
    async with Peer(running.running, opened) as peer:
        await peer.send_frame(portrait, sequence=1)
        assert await peer.close_code() == 4400
        assert peer.socket.close_reason


async def test_second_hello_closes_the_socket(running: Services) -> None:
    """A socket belongs to one session."""
    opened = await open_session(running.running, "Ada")
    async with Peer(running.running, opened) as peer:
        await peer.hello()
        again = viewing.Hello(ticket=opened.ticket)
        await peer.send(viewing.ClientMessage(hello=again))
        assert await peer.close_code() == 4400


async def test_text_on_the_binary_socket_closes_it(running: Services) -> None:
    """The reason says that messages are binary."""
    opened = await open_session(running.running, "Ada")
    async with Peer(running.running, opened) as peer:
        await peer.hello()
        await peer.socket.send("hello")
        assert await peer.close_code() == 4400
        assert "binary" in (peer.socket.close_reason or "")


async def test_bytes_that_are_no_message_close_the_socket(running: Services) -> None:
    """What cannot be read cannot be answered by number."""
    opened = await open_session(running.running, "Ada")
    async with Peer(running.running, opened) as peer:
        await peer.hello()
        await peer.socket.send(b"\xff" * 64)
        assert await peer.close_code() == 4400


async def test_socket_cut_inside_a_message_loses_nothing(
    running: Services, portrait: bytes
) -> None:
    """The session goes on with the same ticket, and knows the events from before the cut."""
    opened = await open_session(running.running, "Ada")
    async with Peer(running.running, opened) as peer:
        await peer.hello()
        event = perception.PlayerEvent(
            seq=1,
            kind=perception.EVENT_KIND_MARK,
            at_us=time.time_ns() // 1000,
            player=perception.PLAYER_STATE_PAUSED,
            rate_pct=100,
            visible=True,
        )
        await peer.send_event(event)
        await peer.acknowledged(1)
        header = bytes([0x82, 0xFE]) + struct.pack(">H", 5000) + b"mask"
        peer.socket.transport.write(header + b"only the beginning")
        peer.socket.transport.abort()
    async with Peer(running.running, opened) as peer:
        assert (await peer.hello()).acked_event_seq == 1
        await peer.send_frame(portrait, sequence=1)
        assert (await peer.answer("verdict")).verdict.sequence == 1


@pytest.mark.parametrize(
    "messages",
    [
        pytest.param([perception.ObserveRequest(frame=perception.Frame(sequence=1))], id="frame"),
        pytest.param([perception.ObserveRequest(open=perception.Open())], id="empty open"),
        pytest.param(
            [
                perception.ObserveRequest(
                    open=perception.Open(
                        tenant_id=9,
                        content_id=9,
                        session_id=9,
                        user_key=9,
                        role=perception.ROLE_STUDENT,
                        content_kind=perception.CONTENT_KIND_VIDEO,
                        opened_at_us=time.time_ns() // 1000,
                        policy="adult/1",
                        keep_days=1,
                    )
                )
            ]
            * 2,
            id="two opens",
        ),
    ],
)
async def test_call_that_does_not_begin_with_one_open_is_refused(
    messages: list[perception.ObserveRequest], running: Services
) -> None:
    """The status is INVALID_ARGUMENT and the text says what is missing."""
    token = load_credentials(running.data).inference_token
    address = running.running.inference_address
    code, details = await asyncio.to_thread(_refusal_of, messages, address, token)
    assert code is grpc.StatusCode.INVALID_ARGUMENT
    assert details


def _refusal_of(
    messages: list[perception.ObserveRequest], address: str, token: str
) -> tuple[grpc.StatusCode, str]:
    """Send them; return how the call ended.

    By gRPC's blocking client: in the one for asyncio a write that the end of the call overtakes
    puts INTERNAL in the place of the status that the server gave.
    """
    with grpc.insecure_channel(address) as channel:
        stub = perception_pb2_grpc.PerceptionStub(channel)
        call = stub.Observe(iter(messages), metadata=metadata_with(token), timeout=WITHIN_S)
        with suppress(grpc.RpcError):
            for _ in call:
                pass
        return call.code(), call.details()


async def test_a_call_without_the_workers_token_is_refused(running: Services) -> None:
    """Others on this machine reach the port, and nothing behind it."""
    async with grpc.aio.insecure_channel(running.running.inference_address) as channel:
        call = perception_pb2_grpc.PerceptionStub(channel).Observe()
        async with asyncio.timeout(WITHIN_S):
            assert await call.code() is grpc.StatusCode.UNAUTHENTICATED
