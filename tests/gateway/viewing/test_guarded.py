"""What a connection may do below its messages."""

import asyncio
import base64
import os
from contextlib import suppress

import pytest
from rapt.v1 import viewing_pb2 as viewing

from tests.gateway.running import Running

TEXT_START, CONTINUATION, PING, PONG = 0x02, 0x00, 0x89, 0x8A
HEAD = (
    "GET /ws HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Protocol: rapt.v1\r\n"
    "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n"
)


def _piece(first: int, data: bytes = b"") -> bytes:
    """Return one frame, masked with zeros."""
    return bytes([first, 0x80 | len(data)]) + bytes(4) + data


async def _connect(gateway: Running) -> tuple[asyncio.StreamReader, asyncio.StreamWriter, bytes]:
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    key = base64.b64encode(os.urandom(16)).decode()
    writer.write(HEAD.format(port=gateway.port, key=key).encode())
    return reader, writer, await reader.readuntil(b"\r\n\r\n")


async def _is_cut(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, flood: bytes) -> bool:
    """Send a flood again and again; return whether the gateway ends it."""
    with suppress(ConnectionError):
        for _ in range(200):
            writer.write(flood)
            await writer.drain()
            await asyncio.sleep(0)
        return False
    with suppress(ConnectionError):
        await reader.read()
    writer.transport.abort()
    return True


@pytest.mark.parametrize(
    ("first", "flood"),
    [
        pytest.param(b"", _piece(PING, b"x" * 125) * 200, id="pings"),
        pytest.param(b"", _piece(PONG) * 4_000, id="pongs"),
        pytest.param(_piece(TEXT_START), _piece(CONTINUATION) * 4_000, id="empty pieces"),
        pytest.param(_piece(TEXT_START), _piece(CONTINUATION, b"x") * 4_000, id="tiny pieces"),
    ],
)
async def test_a_flood_below_the_messages_is_cut_and_harms_nobody(
    gateway: Running, first: bytes, flood: bytes
) -> None:
    """Long before it costs memory; others are answered meanwhile."""
    reader, writer, _ = await _connect(gateway)
    writer.write(first)
    async with gateway.student() as browser, asyncio.timeout(60):
        assert await _is_cut(reader, writer, flood)
        await browser.send(ping=viewing.Ping(client_us=5))
        assert (await browser.next_of("pong")).client_us == 5


async def test_a_ping_is_answered(gateway: Running) -> None:
    """A proxy may ask whether we are there."""
    async with gateway.student() as browser, asyncio.timeout(60):
        for _ in range(5):
            await (await browser.websocket.ping())


async def test_a_message_may_come_in_pieces(gateway: Running) -> None:
    """As browsers and proxies cut them."""
    async with gateway.student() as browser:
        data = viewing.ClientMessage(ping=viewing.Ping(client_us=6)).SerializeToString()
        await browser.websocket.send([data[:1], b"", data[1:]])
        assert (await browser.next_of("pong")).client_us == 6


async def test_nothing_is_unpacked(gateway: Running) -> None:
    """A small message can not become a large one: compression is offered and not taken."""
    _, writer, answer = await _connect(gateway)
    writer.close()
    assert b" 101 " in answer
    assert b"permessage-deflate" not in answer
