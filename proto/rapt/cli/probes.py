"""Is a service ready? One question per protocol, each answered without a client library.

A probe never raises for a service that is not there yet: it answers no.
"""

import asyncio
from collections.abc import Awaitable, Callable

import grpc

from rapt.address import Address
from rapt.health import is_serving
from rapt.tls import ClientTls, open_channel

Probe = Callable[[], Awaitable[bool]]

ANSWER_S = 2.0  # a service that takes longer to say that it is well is not well


def port_probe(address: Address) -> Probe:
    """Ready when somebody listens; for a server that is not ours and may speak TLS."""

    async def ask() -> bool:
        return await _listens(address)

    return ask


def http_probe(address: Address, path: str) -> Probe:
    """Ready when GET answers 200."""
    request = f"GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"

    async def ask() -> bool:
        answer = await _exchange(address, request.encode())
        return answer.split(b" ", 2)[1:2] == [b"200"]

    return ask


def valkey_probe(address: Address, password: str) -> Probe:
    """Ready when PING answers PONG: while it loads its file it answers LOADING."""
    request = f"AUTH {password}\r\nPING\r\nQUIT\r\n".encode()

    async def ask() -> bool:
        return b"+PONG" in await _exchange(address, request)

    return ask


def grpc_probe(address: Address, service: str, *, tls: ClientTls | None = None) -> Probe:
    """Ready when the gRPC health service says SERVING."""

    async def ask() -> bool:
        if not await _listens(address):  # a channel would wait for its own backoff
            return False
        async with open_channel(str(address), tls=tls) as channel:
            try:
                return await is_serving(channel, service, within_s=ANSWER_S)
            except grpc.aio.AioRpcError:
                return False

    return ask


async def _listens(address: Address) -> bool:
    try:
        _, writer = await asyncio.open_connection(address.host, address.port)
    except OSError:
        return False
    writer.close()
    return True


async def _exchange(address: Address, request: bytes) -> bytes:
    """Return everything the service says until it hangs up, nothing when nobody answers."""
    try:
        async with asyncio.timeout(ANSWER_S):
            reader, writer = await asyncio.open_connection(address.host, address.port)
            try:
                writer.write(request)
                return await reader.read()
            finally:
                writer.close()
    except OSError:  # TimeoutError is one
        return b""
