"""Connections that say nothing are not kept."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
from rapt.v1 import viewing_pb2 as viewing

from tests.gateway.running import Running

WITHIN_S = 60.0


@pytest.mark.parametrize("words", [b"", b"GET /readyz HTTP/1.1\r\nHost: x"], ids=["silent", "slow"])
async def test_a_connection_without_a_request_is_closed(
    gateway: Running, monkeypatch: pytest.MonkeyPatch, words: bytes
) -> None:
    """Also when it has said the beginning of one; others go on."""
    with monkeypatch.context() as soon:
        soon.setattr("rapt.patience.HEAD_S", 0.05)
        reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
        writer.write(words)
        async with asyncio.timeout(WITHIN_S):
            assert await reader.read() == b""
    writer.close()
    assert (await gateway.http.get("/readyz")).status_code == 200


async def test_a_socket_may_be_silent_for_longer(
    gateway: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its request has come; what it says next is another matter."""
    session = await gateway.open_session()
    monkeypatch.setattr("rapt.patience.HEAD_S", 1.5)  # enough for its own head on a busy machine
    monkeypatch.setattr("rapt.patience.BODY_S", 1.5)
    async with gateway.browser(session["ticket"]) as browser:
        reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
        async with asyncio.timeout(WITHIN_S):
            await reader.read()  # the silent one is closed by now
        writer.close()
        await browser.send(ping=viewing.Ping(client_us=7))
        assert (await browser.next_of("pong")).client_us == 7


async def test_a_head_without_end_is_cut(gateway: Running) -> None:
    """Its memory is ours."""
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    writer.write(b"GET /readyz HTTP/1.1\r\n" + b"x-more: and more\r\n" * 10_000)
    async with asyncio.timeout(WITHIN_S):
        with suppress(ConnectionError):  # what we wrote after the cut was not read
            assert await reader.read() == b""
    writer.close()
    assert (await gateway.http.get("/readyz")).status_code == 200


async def test_headers_behind_a_body_have_an_end_too(gateway: Running) -> None:
    """HTTP lets headers follow the last chunk."""
    _, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    head = b"POST /v1/contents HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    writer.write(head + b"1\r\nx\r\n0\r\n")
    async with asyncio.timeout(WITHIN_S):  # or it is read for ever
        with suppress(ConnectionError):
            while True:
                writer.write(b"x-more: and more\r\n" * 1_000)
                await writer.drain()
                await asyncio.sleep(0)  # the kernel may take much before the gateway has a turn
    writer.transport.abort()


async def test_a_connection_may_ask_again_and_again(gateway: Running) -> None:
    """A large body right behind the head does not count as head."""
    content_id = await gateway.make_content()
    for _ in range(3):
        answer = await gateway.http.put(
            f"/v1/contents/{content_id}/media",
            content=bytes(200_000),
            headers={"content-type": "video/mp4"},
        )
        assert answer.status_code != 500


@pytest.mark.parametrize("body", [b"", b'{"title":'], ids=["silent", "slow"])
async def test_a_body_that_breaks_off_is_not_waited_for(
    gateway: Running, monkeypatch: pytest.MonkeyPatch, body: bytes
) -> None:
    """Nobody needs to be known to begin one."""
    with monkeypatch.context() as soon:
        soon.setattr("rapt.patience.BODY_S", 0.1)
        reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
        writer.write(b"POST /v1/contents HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n" + body)
        async with asyncio.timeout(WITHIN_S):
            await reader.read()
    writer.close()
    assert (await gateway.http.get("/readyz")).status_code == 200


async def test_a_body_may_take_its_time(gateway: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """As long as it goes on."""
    path = f"/v1/contents/{await gateway.make_content()}/media"
    monkeypatch.setattr("rapt.patience.BODY_S", 3.0)  # the whole body takes longer

    async def slowly() -> AsyncIterator[bytes]:
        for _ in range(8):
            await asyncio.sleep(0.5)
            yield b"film"

    headers = {"content-type": "video/mp4"}
    answer = await gateway.http.put(path, content=slowly(), headers=headers)
    assert answer.status_code == 200
