"""The WebSocket edge: one browser's socket, from accept to close.

Bad bytes close the socket and nothing else; the session waits for the browser to come back.
A bad frame or event inside a good message is answered by a Shed and closes nothing.

Close codes: 4400 bad message, 4401 no good ticket, 4403 wrong origin, 4408 no Hello in time, 4409
opened elsewhere, 4413 message too big, 1000 over, 1012 restart, 1013 overloaded or reading too
slowly.
"""

import asyncio
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import structlog
from google.protobuf.message import DecodeError
from litestar import WebSocket
from litestar.exceptions import WebSocketDisconnect
from rapt.errors import NotSignedIn, Overloaded, Rejected
from rapt.limits import MAX_MESSAGE_BYTES
from rapt.v1 import viewing_pb2 as viewing

from gateway.identity.tickets import Tickets
from gateway.live.walls import Walls
from gateway.metrics import Metrics
from gateway.viewing.open_sessions import OpenSessions
from gateway.viewing.outbox import SLOW_READER, Outbox
from gateway.viewing.session import ViewingSession

log = structlog.get_logger()

SUBPROTOCOL = "rapt.v1"
HARD_LIMIT_BYTES = 8 * 1024 * 1024  # above it the protocol itself closes with 1009
BAD_MESSAGE, NO_TICKET, WRONG_ORIGIN, NO_HELLO, TOO_BIG = 4400, 4401, 4403, 4408, 4413
_MAX_REASON_BYTES = 123  # of a close frame (RFC 6455)
_LAST_CLOSE_S = 1.0  # for the close frame of a browser that takes nothing

# Litestar's socket is generic over user, login and state; we use none of them.
Socket = WebSocket[Any, Any, Any]


class Refused(Exception):
    """The browser broke the protocol; carries the close code and the reason."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Gone(Exception):
    """The browser is not there any more."""


@dataclass(frozen=True, slots=True)
class SocketRules:
    """What a socket must keep to."""

    hello_s: float
    slow_reader_s: float
    origins: tuple[str, ...]


class Sockets:
    """Serves sockets."""

    def __init__(
        self,
        *,
        tickets: Tickets,
        sessions: OpenSessions,
        walls: Walls,
        metrics: Metrics,
        rules: SocketRules,
    ) -> None:
        self._tickets = tickets
        self._sessions = sessions
        self._walls = walls
        self._metrics = metrics
        self._rules = rules

    async def serve(self, socket: Socket) -> None:
        """Serve one browser until it goes or is sent away."""
        offered = socket.scope["subprotocols"]
        await socket.accept(subprotocols=SUBPROTOCOL if SUBPROTOCOL in offered else None)
        self._metrics.sockets.inc()
        try:
            self._check_origin(socket)
            session = await self._greet(socket)
            await self._converse(socket, session)
        except Refused as refused:
            await self._close(socket, refused.code, refused.reason)
        except Gone:
            pass
        finally:
            self._metrics.sockets.dec()

    def _check_origin(self, socket: Socket) -> None:
        origin = socket.headers.get("origin")
        if origin is None or origin in self._rules.origins:
            return
        if urlsplit(origin).netloc != socket.headers.get("host"):
            raise Refused(WRONG_ORIGIN, "this page may not connect; add its origin to the settings")

    async def _greet(self, socket: Socket) -> ViewingSession:
        try:
            async with asyncio.timeout(self._rules.hello_s):
                message = _parse(await _receive(socket))
        except TimeoutError:
            raise Refused(NO_HELLO, "no Hello came in time; send it first") from None
        if message.WhichOneof("message") != "hello":
            raise Refused(BAD_MESSAGE, "the first message must be Hello")
        try:
            ticket = self._tickets.read(message.hello.ticket, now_s=int(time.time()))
            session = await self._sessions.open(ticket)
        except NotSignedIn as error:
            raise Refused(NO_TICKET, str(error)) from error
        except Overloaded as error:
            raise Refused(1013, str(error)) from error
        except Rejected as error:
            raise Refused(BAD_MESSAGE, str(error)) from error
        return session

    async def _converse(self, socket: Socket, session: ViewingSession) -> None:
        outbox = Outbox()
        session.attach(outbox, now_us=_now_us())
        self._sessions.attached(session)
        try:
            async with asyncio.TaskGroup() as both:
                receiver = both.create_task(self._receive_all(socket, session, outbox))
                sender = both.create_task(self._send_all(socket, outbox))
                sender.add_done_callback(lambda _: receiver.cancel())
        finally:
            self._walls.unwatch(outbox)
            self._sessions.detached(session, outbox)

    async def _receive_all(self, socket: Socket, session: ViewingSession, outbox: Outbox) -> None:
        try:
            while outbox.closing is None:
                data = await _receive(socket)
                await outbox.has_room()
                self._take(data, session, outbox)
        except Refused as refused:
            outbox.close(refused.code, refused.reason)
        except Gone:
            outbox.abandon()

    def _take(self, data: bytes, session: ViewingSession, outbox: Outbox) -> None:
        message = _parse(data)
        kind = message.WhichOneof("message")
        if kind == "hello":
            raise Refused(BAD_MESSAGE, "Hello comes once; this socket has said it already")
        if kind == "watch_wall":
            if not self._walls.watch(session.ticket, outbox):
                session.reject("the wall is for staff; open a session with the role teacher")
            return
        session.take_message(message, now_s=time.monotonic(), now_us=_now_us())
        self._sessions.watch_closing(session)

    async def _send_all(self, socket: Socket, outbox: Outbox) -> None:
        try:
            while (message := await outbox.next()) is not None:
                async with asyncio.timeout(self._rules.slow_reader_s):
                    await socket.send_bytes(message.SerializeToString())
        except TimeoutError:
            outbox.close(SLOW_READER, "you read too slowly; connect again")
        except (WebSocketDisconnect, OSError):
            outbox.abandon()
        if outbox.closing is not None and not outbox.is_abandoned:
            await self._close(socket, *outbox.closing)

    async def _close(self, socket: Socket, code: int, reason: str) -> None:
        self._metrics.closed_sockets.labels(code=str(code)).inc()
        log.info("socket_closed", code=code, reason=reason)
        short = reason.encode()[:_MAX_REASON_BYTES].decode(errors="ignore")
        try:
            async with asyncio.timeout(_LAST_CLOSE_S):
                await socket.close(code, short)
        except (TimeoutError, WebSocketDisconnect, OSError):
            return  # it takes nothing, or is gone: the server cuts the connection when we return


async def _receive(socket: Socket) -> bytes:
    try:
        event = await socket.receive()
    except WebSocketDisconnect as error:
        raise Gone from error
    if event["type"] != "websocket.receive":
        raise Gone
    data = event.get("bytes")
    if not isinstance(data, bytes):
        raise Refused(
            BAD_MESSAGE, "this socket speaks binary protobuf (rapt.v1.ClientMessage), not text"
        )
    return data


def _parse(data: bytes) -> viewing.ClientMessage:
    try:
        message = viewing.ClientMessage.FromString(data)
    except DecodeError as error:
        raise Refused(BAD_MESSAGE, "these bytes are no rapt.v1.ClientMessage") from error
    if len(data) > MAX_MESSAGE_BYTES and message.WhichOneof("message") != "frame":
        raise Refused(TOO_BIG, f"a message has at most {MAX_MESSAGE_BYTES} bytes")
    return message


def _now_us() -> int:
    return time.time_ns() // 1000
