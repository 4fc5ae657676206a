"""Browsers that send and never read: the gateway keeps little for each, and the others go on."""

import asyncio
import socket
from contextlib import AsyncExitStack

import httpx
from rapt.client import OpenedSession
from rapt.running import Running
from rapt.v1 import perception_pb2 as perception
from rapt.v1 import viewing_pb2 as viewing
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from benchmarks.usage import usage_of
from tests.e2e.peer import Peer, open_session
from tests.services import Services

SLOW, MESSAGES, WARM = 8, 2000, 5
SMALL_BUFFER_BYTES = 4096
MOST_MB = 48.0
"""For all of them together: gateway and worker may keep some thousand answers for each."""


async def deaf(running: Running, opened: OpenedSession) -> ClientConnection:
    """Sign in through a socket that takes next to nothing, and never read from it."""
    url = httpx.URL(running.gateway_url)
    plug = socket.socket()
    plug.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_BUFFER_BYTES)
    plug.setblocking(False)  # noqa: FBT003  the library's own
    await asyncio.get_running_loop().sock_connect(plug, (url.host, url.port))
    link = await connect(
        f"ws://{url.host}:{url.port}{opened.websocket_path}",
        sock=plug,
        subprotocols=[Subprotocol("rapt.v1")],
        compression=None,
        max_queue=1,
    )
    hello = viewing.Hello(ticket=opened.ticket)
    await link.send(viewing.ClientMessage(hello=hello).SerializeToString())
    return link


async def shout(link: ClientConnection) -> None:
    """Send events that are refused, each of which has an answer; some wait for ever."""
    for seq in range(1, MESSAGES + 1):
        kind = perception.EventKind.ValueType(99)
        event = perception.PlayerEvent(seq=seq, kind=kind)
        message = viewing.ClientMessage(player_event=event).SerializeToString()
        try:
            await asyncio.wait_for(link.send(message), 5)
        except (TimeoutError, ConnectionClosed):  # it is slowed, or closed
            return


async def test_browsers_that_never_read_are_nobodys_trouble(
    running: Services, portrait: bytes
) -> None:
    """A student beside them gets a verdict for each frame; memory is bounded."""
    service = running.running
    ada = await open_session(service, "Ada")
    names = [await open_session(service, f"Slow {number}") for number in range(SLOW)]
    async with Peer(service, ada) as peer, AsyncExitStack() as stack:
        await peer.hello()
        for sequence in range(1, WARM + 1):
            await peer.send_frame(portrait, sequence=sequence)
            await peer.answer("verdict")
        before = usage_of(service.pids)
        links = [await deaf(service, opened) for opened in names]
        for link in links:
            stack.callback(link.transport.abort)
        async with asyncio.TaskGroup() as tasks:
            shouting = [tasks.create_task(shout(link)) for link in links]
            sequence = WARM
            while sequence < 2 * WARM or not all(task.done() for task in shouting):
                sequence += 1
                await peer.send_frame(portrait, sequence=sequence)
                assert (await peer.answer("verdict", "shed")).verdict.sequence == sequence
                await asyncio.sleep(0.3)
        after = usage_of(service.pids)
        for name in ("gateway", "inference"):
            assert after[name].memory_mb - before[name].memory_mb < MOST_MB, name
