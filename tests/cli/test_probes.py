"""Readiness, asked of real servers on loopback."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import grpc.aio
import pytest
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from rapt.address import Address
from rapt.cli import probes
from rapt.cli.probes import grpc_probe, http_probe, valkey_probe
from rapt.tls import ClientTls, ServerTls

from tests.rapt.authority import Authority

SERVICE = "rapt.v1.Perception"


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a server that is there take its time on a busy machine."""
    monkeypatch.setattr(probes, "ANSWER_S", 60.0)


@asynccontextmanager
async def http_server(answer: bytes) -> AsyncIterator[Address]:
    """Serve one answer to everybody."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield Address("127.0.0.1", server.sockets[0].getsockname()[1])


@pytest.mark.parametrize(
    ("status", "is_ready"), [(b"200 OK", True), (b"503 Service Unavailable", False)]
)
async def test_http_is_ready_when_it_says_200(status: bytes, *, is_ready: bool) -> None:
    """A service that answers 503 is there, but not ready."""
    async with http_server(b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\n\r\n") as address:
        assert await http_probe(address, "/readyz")() is is_ready


async def test_nobody_there_is_not_ready(free_port: int) -> None:
    """No probe raises."""
    address = Address("127.0.0.1", free_port)
    asked = (http_probe(address, "/"), valkey_probe(address, "x"), grpc_probe(address, SERVICE))
    assert [await probe() for probe in asked] == [False, False, False]


@pytest.mark.parametrize("serving", [True, False])
async def test_grpc_is_ready_when_its_health_says_serving(*, serving: bool) -> None:
    """Another service's health does not count."""
    server = grpc.aio.server()
    servicer = health.aio.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
    states = health_pb2.HealthCheckResponse
    await servicer.set("other", states.SERVING)
    await servicer.set(SERVICE, states.SERVING if serving else states.NOT_SERVING)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        assert await grpc_probe(Address("127.0.0.1", port), SERVICE)() is serving
    finally:
        await server.stop(None)


async def test_valkey_is_ready_when_it_answers_ping(valkey: str) -> None:
    """Asked of a real server."""
    port = urlsplit(valkey).port
    assert port is not None
    assert await valkey_probe(Address("127.0.0.1", port), "")() is True


async def test_a_worker_behind_mutual_tls_is_asked_with_the_gateway_s_certificate(
    tmp_path: Path,
) -> None:
    """Without it a worker that is well looks away."""
    authority = Authority(tmp_path, "ours")
    server, client = authority.sign("server"), authority.sign("client")
    tls = ServerTls(server.certificate, server.key, authority.file)
    worker = grpc.aio.server()
    servicer = health.aio.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(servicer, worker)
    await servicer.set(SERVICE, health_pb2.HealthCheckResponse.SERVING)
    port = worker.add_secure_port("127.0.0.1:0", tls.credentials())
    await worker.start()
    address = Address("127.0.0.1", port)
    known = ClientTls(authority.file, client.certificate, client.key)
    assert await grpc_probe(address, SERVICE, tls=known)()
    assert not await grpc_probe(address, SERVICE)()
    await worker.stop(0)
