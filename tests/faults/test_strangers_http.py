"""Someone with a token means harm to the gateway's `/v2`: bombs, lies, depths; nobody notices."""

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from functools import cache

import httpx
import pytest
from rapt.running import Running

from benchmarks.usage import usage_of
from tests.e2e.peer import ANSWER_WITHIN_S, Peer, open_session
from tests.services import Services

MB = 1024 * 1024
MOST_MB = 200.0
"""That the gateway may grow by: a body and what it holds, for a few callers at once."""
TENSOR = '{"name":"frame","shape":[1,1],"datatype":"BYTES"'


@cache
def zeros(window_bits: int) -> bytes:
    """Return half a gigabyte in half a megabyte."""
    packer = zlib.compressobj(6, wbits=window_bits)
    return b"".join([*(packer.compress(bytes(MB)) for _ in range(512)), packer.flush()])


def gzip_bomb() -> bytes:
    """Return it as gzip."""
    return zeros(16 + zlib.MAX_WBITS)


def deflate_bomb() -> bytes:
    """Return it as deflate."""
    return zeros(zlib.MAX_WBITS)


def wrapped_bomb() -> bytes:
    """Return it as gzip of gzip, in a few kilobytes."""
    return gzip.compress(gzip_bomb())


def of_data(data: str) -> bytes:
    """Return a request whose one tensor holds this JSON."""
    return f'{{"inputs":[{TENSOR},"data":{data}}}]}}'.encode()


BODIES = [
    pytest.param(gzip_bomb, {"content-encoding": "gzip"}, id="gzip bomb"),
    pytest.param(wrapped_bomb, {"content-encoding": "gzip"}, id="gzip bomb in gzip"),
    pytest.param(deflate_bomb, {"content-encoding": "deflate"}, id="deflate bomb"),
    pytest.param(gzip.compress(b"{}")[:-3], {"content-encoding": "gzip"}, id="cut gzip"),
    pytest.param(b"{}", {"content-encoding": "gzip, gzip"}, id="two encodings"),
    pytest.param(b"{}", {"content-encoding": "br" * 500}, id="an encoding that is none"),
    pytest.param(b"[" * MB, {}, id="a million deep"),
    pytest.param(of_data("[" * 1000 + "]" * 1000), {}, id="a thousand deep"),
    pytest.param(of_data("[" + "[]," * MB + "[]]"), {}, id="a million empty lists"),
    pytest.param(of_data("[" + "1," * (3 * MB // 2) + "1]"), {}, id="too many elements"),
    pytest.param(of_data("9" * 100_000), {}, id="a number of a hundred thousand digits"),
    pytest.param(of_data("[1e999, NaN, -Infinity]"), {}, id="numbers that are none"),
    pytest.param(
        b'{"inputs":[{"name":"frame","shape":[99999999999999999999],"datatype":"BYTES","data":[]}]}',
        {},
        id="an axis that fits no number",
    ),
    pytest.param(
        f'{{"inputs":[{TENSOR},"parameters":{{"binary_data_size":-1}}}}]}}'.encode(),
        {},
        id="minus one byte",
    ),
    pytest.param(
        f'{{"inputs":[{TENSOR},"parameters":{{"binary_data_size":9e18}}}}]}}'.encode(),
        {},
        id="more bytes than there are",
    ),
    pytest.param(b"{}", {"inference-header-content-length": "9" * 400}, id="JSON past the end"),
    pytest.param(b"{}", {"inference-header-content-length": "-1"}, id="JSON before the body"),
    pytest.param(b"\xff\xfe" * MB, {}, id="no text"),
]


def memory_mb(running: Running) -> float:
    """Return what the gateway holds."""
    return usage_of(running.pids)["gateway"].memory_mb


@pytest.fixture
async def neighbour(running: Services, portrait: bytes) -> AsyncIterator[None]:
    """Send a frame twice a second beside the test; each has its verdict."""
    opened, over = await open_session(running.running, "Ada"), asyncio.Event()

    async def look(peer: Peer) -> None:
        sequence = 0
        while not over.is_set():
            sequence += 1
            await peer.send_frame(portrait, sequence=sequence)
            answer = await peer.answer("verdict", "shed")
            assert answer.verdict.sequence == sequence, answer
            await asyncio.sleep(0.5)

    async with Peer(running.running, opened) as peer, asyncio.TaskGroup() as tasks:
        await peer.hello()
        tasks.create_task(look(peer))
        yield
        over.set()


@pytest.mark.usefixtures("neighbour")
@pytest.mark.parametrize(("body", "headers"), BODIES)
async def test_bodies_that_do_harm(
    body: bytes | Callable[[], bytes], headers: dict[str, str], running: Services
) -> None:
    """400 and a sentence, from four callers at once, without the memory that is asked for."""
    service = running.running
    before_mb = memory_mb(service)
    content = body() if callable(body) else body
    signed = {"authorization": f"Bearer {service.local_token}", **headers}
    async with httpx.AsyncClient(base_url=service.gateway_url, headers=signed, timeout=60) as http:
        answers = await asyncio.gather(
            *(http.post("/v2/models/face/infer", content=content) for _ in range(4))
        )
        for answer in answers:
            assert answer.status_code == 400, answer.text[:300]
            assert 0 < len(answer.json()["error"]) < 1000
        assert (await http.get("/v2/health/ready")).json() == {"ready": True}
    assert memory_mb(service) - before_mb < MOST_MB


@pytest.mark.usefixtures("neighbour")
async def test_a_body_without_an_end_is_cut(running: Services) -> None:
    """413 as soon as it is too large, however it comes."""
    service = running.running
    url = httpx.URL(service.gateway_url)
    head = "POST /v2/models/face/infer HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n"
    head += f"authorization: Bearer {service.local_token}\r\n\r\n"
    assert url.port is not None
    reader, writer = await asyncio.open_connection(url.host, url.port)

    async def send() -> None:
        writer.write(head.encode())
        with suppress(ConnectionError):
            for _ in range(64):
                writer.write(b"100000\r\n" + bytes(MB) + b"\r\n")
                await writer.drain()

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(send())
        answer = await asyncio.wait_for(reader.readline(), ANSWER_WITHIN_S)
    assert b" 413 " in answer
    writer.close()


@pytest.mark.usefixtures("neighbour")
@pytest.mark.parametrize("token", ["x", "x" * 8000, "wrong"])
async def test_a_body_is_not_read_without_a_token(token: str, running: Services) -> None:
    """A bomb of a stranger costs nothing."""
    headers = {"authorization": f"Bearer {token}", "content-encoding": "gzip"}
    async with httpx.AsyncClient(base_url=running.running.gateway_url, timeout=60) as http:
        answer = await http.post("/v2/models/face/infer", content=gzip_bomb(), headers=headers)
        assert answer.status_code == 401
