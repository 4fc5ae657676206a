"""One session's WebSocket: frames and events up, verdicts down, through cuts and restarts.

`run` holds the connection until the session is closed, and makes a new one when it is cut. `tell`,
`offer` and `close` never wait for the network: what they are given lies in the outbox until there
is a connection.
"""

import asyncio
import time
from collections.abc import Callable
from random import Random
from urllib.parse import urljoin

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.typing import Subprotocol

from rapt.backoff import Backoff
from rapt.client.outbox import Outbox
from rapt.client.rest import OpenedSession, Rest
from rapt.errors import InvalidMessage, NotPermitted, NotSignedIn, Unavailable
from rapt.v1 import perception_pb2 as perception
from rapt.v1 import viewing_pb2 as viewing
from rapt.websocket import SUBPROTOCOL, CloseCode

MAX_MESSAGE_BYTES = 1 << 20
"""Largest message taken from the server: a full wall of 65,536 seats is 400 kB."""

WELCOME_WITHIN_S = 10.0
"""How long the server may take to answer Hello."""

Listener = Callable[[viewing.ServerMessage], None]


class Viewing:
    """A session that is being viewed.

    Args:
        rest: where to renew the ticket.
        opened: the session, from `Rest.open_session`.
        listen: called with every message of the server; must not block.
        build: version of the client, for the server's log.
    """

    def __init__(
        self, rest: Rest, opened: OpenedSession, *, listen: Listener, build: str = "rapt.client"
    ) -> None:
        self._rest = rest
        self._ticket = opened.ticket
        self._session_id = opened.session_id
        self._url = _socket_url(rest.url, opened.websocket_path)
        self._listen = listen
        self._build = build
        self._outbox = Outbox()
        self._news = asyncio.Event()
        self._closed: asyncio.Future[perception.Closed] = asyncio.Future()
        self._ready: asyncio.Future[viewing.Welcome] = asyncio.Future()
        self._offset_us: int | None = None
        self.connections = 0
        """How often a connection was made."""

    @property
    def pace(self) -> perception.Control:
        """How fast the server wants frames."""
        return self._outbox.pace

    @property
    def frames_sent(self) -> int:
        """Frames that went out."""
        return self._outbox.frames_sent

    @property
    def frames_unsent(self) -> int:
        """Frames that a newer one replaced before there was room to send them."""
        return self._outbox.frames_unsent

    @property
    def waiting_events(self) -> int:
        """Player events that the server has not confirmed yet."""
        return self._outbox.waiting_events

    async def ready(self) -> viewing.Welcome:
        """Wait for the first connection."""
        return await asyncio.shield(self._ready)

    def server_us(self, device_us: int) -> int:
        """Device time corrected by the offset that was measured when the session opened."""
        return device_us + (self._offset_us or 0)

    def tell(self, event: perception.PlayerEvent) -> int:
        """Send a player event, now or when there is a connection; returns its number."""
        seq = self._outbox.tell(event)
        self._news.set()
        return seq

    def offer(self, image: bytes, *, captured_us: int, width: int, height: int) -> None:
        """Send a frame, or let it take the place of one that could not be sent yet."""
        self._outbox.offer(
            perception.Frame(captured_us=captured_us, width=width, height=height, image=image)
        )
        self._news.set()

    async def close(
        self, reason: perception.ExitReason.ValueType, *, within_s: float = 15.0
    ) -> perception.Closed:
        """Say goodbye after every event, and return what the server counted.

        Raises:
            Unavailable: no answer within that time.
        """
        self._outbox.close(reason)
        self._news.set()
        try:
            async with asyncio.timeout(within_s):
                return await asyncio.shield(self._closed)
        except TimeoutError as error:
            raise Unavailable(f"the session was not closed within {within_s:.0f} s") from error

    async def run(self) -> None:
        """Hold a connection until the session is closed.

        Raises:
            NotSignedIn: the ticket is refused, also after it was renewed.
            NotPermitted: the session is not ours, or another device holds it.
            InvalidMessage: the server calls our messages wrong.
        """
        backoff = Backoff(chance=Random(self._session_id))  # noqa: S311 - spreads attempts, no secret
        renewed = False
        while True:
            attempted = self.connections
            code = await self._one_connection()
            if self._closed.done():
                return
            if self.connections > attempted:
                backoff.succeeded()
                renewed = False
            if code == CloseCode.NO_TICKET and not renewed:
                renewed = True
                self._ticket = (await self._rest.renew_ticket(self._session_id)).ticket
                continue
            _raise_if_final(code)
            await asyncio.sleep(backoff.next_s())

    async def _one_connection(self) -> int | None:
        """Talk until the connection ends; return its close code, None if there was none."""
        try:
            async with connect(
                self._url,
                subprotocols=[Subprotocol(SUBPROTOCOL)],
                compression=None,
                max_size=MAX_MESSAGE_BYTES,
            ) as socket:
                await self._talk(socket)
                return socket.close_code
        except ConnectionClosed as ended:
            return ended.rcvd.code if ended.rcvd is not None else None
        except (OSError, TimeoutError, InvalidHandshake):
            return None

    async def _talk(self, socket: ClientConnection) -> None:
        hello = viewing.Hello(ticket=self._ticket, build=self._build)
        asked_us = time.time_ns() // 1000
        await socket.send(viewing.ClientMessage(hello=hello).SerializeToString())
        async with asyncio.timeout(WELCOME_WITHIN_S):
            first = _decoded(await socket.recv())
        if first.WhichOneof("message") != "welcome":
            raise InvalidMessage("the server did not begin with a welcome")
        self._welcomed(first.welcome, asked_us)
        self._listen(first)
        async with asyncio.TaskGroup() as both:
            writer = both.create_task(self._write(socket))
            await self._read(socket)
            writer.cancel()

    def _welcomed(self, welcome: viewing.Welcome, asked_us: int) -> None:
        self.connections += 1
        self._outbox.connected(welcome)
        if self._offset_us is None:
            self._offset_us = welcome.server_us - (asked_us + time.time_ns() // 1000) // 2
        if not self._ready.done():
            self._ready.set_result(welcome)

    async def _read(self, socket: ClientConnection) -> None:
        try:
            async for data in socket:
                message = _decoded(data)
                self._outbox.answered(message, time.monotonic())
                self._news.set()
                self._listen(message)
                if message.WhichOneof("message") == "closed":
                    self._closed.set_result(message.closed)
                    return
        except ConnectionClosed:
            return

    async def _write(self, socket: ClientConnection) -> None:
        while True:
            now_s = time.monotonic()
            message = self._outbox.take(now_s)
            if message is None:
                await self._wait(self._outbox.wait_s(now_s))
                continue
            try:
                await socket.send(message.SerializeToString())
            except ConnectionClosed:
                return

    async def _wait(self, at_most_s: float | None) -> None:
        try:
            async with asyncio.timeout(at_most_s):
                await self._news.wait()
        except TimeoutError:
            return
        self._news.clear()


def _socket_url(url: str, path: str) -> str:
    return urljoin(url.replace("http", "ws", 1), path)


def _decoded(data: str | bytes) -> viewing.ServerMessage:
    if isinstance(data, str):
        raise InvalidMessage("the server sent text on the binary socket")
    return viewing.ServerMessage.FromString(data)


def _raise_if_final(code: int | None) -> None:
    if code == CloseCode.NO_TICKET:
        raise NotSignedIn("the ticket is refused")
    if code in {CloseCode.WRONG_ORIGIN, CloseCode.OPENED_ELSEWHERE}:
        raise NotPermitted(f"the session is refused with code {code}")
    if code == CloseCode.BAD_MESSAGE:
        raise InvalidMessage("the server calls a message of ours wrong")
