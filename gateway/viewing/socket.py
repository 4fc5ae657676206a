"""The WebSocket edge: one browser's socket, from accept to close.

Bad bytes close the socket and nothing else; the session waits for the browser to come back.
A bad frame or event inside a good message is answered by a Shed and closes nothing.
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
from rapt.websocket import SUBPROTOCOL, CloseCode

from gateway.identity.tickets import Tickets
from gateway.live.walls import Walls
from gateway.metrics import Metrics
from gateway.viewing.open_sessions import OpenSessions
from gateway.viewing.outbox import Outbox
from gateway.viewing.oversized import is_one_frame
from gateway.viewing.session import ViewingSession

log = structlog.get_logger()

HARD_LIMIT_BYTES = 8 * 1024 * 1024  # above it the protocol itself closes with 1009
_MAX_REASON_BYTES = 123  # of a close frame (RFC 6455)
_LAST_CLOSE_S = 1.0  # for the close frame of a browser that takes nothing

# Litestar's socket is generic over user, login and state; we use none of them.
Socket = WebSocket[Any, Any, Any]


class Refused(Exception):
    """The browser broke the protocol; carries the close code and the reason."""

    def __init__(self, code: CloseCode, reason: str) -> None:
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
            raise Refused(
                CloseCode.WRONG_ORIGIN, "this page may not connect; add its origin to the settings"
            )

    async def _greet(self, socket: Socket) -> ViewingSession:
        try:
            async with asyncio.timeout(self._rules.hello_s):
                message = _parse(await _receive(socket))
        except TimeoutError:
            raise Refused(CloseCode.NO_HELLO, "no Hello came in time; send it first") from None
        if message.WhichOneof("message") != "hello":
            raise Refused(CloseCode.BAD_MESSAGE, "the first message must be Hello")
        try:
            ticket = self._tickets.read(message.hello.ticket, now_s=int(time.time()))
            session = await self._sessions.open(ticket)
        except NotSignedIn as error:
            raise Refused(CloseCode.NO_TICKET, str(error)) from error
        except Overloaded as error:
            raise Refused(CloseCode.TRY_LATER, str(error)) from error
        except Rejected as error:
            raise Refused(CloseCode.BAD_MESSAGE, str(error)) from error
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
            raise Refused(
                CloseCode.BAD_MESSAGE, "Hello comes once; this socket has said it already"
            )
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
            outbox.close(CloseCode.TRY_LATER, "you read too slowly; connect again")
        except (WebSocketDisconnect, OSError):
            outbox.abandon()
        if outbox.closing is not None and not outbox.is_abandoned:
            await self._close(socket, *outbox.closing)

    async def _close(self, socket: Socket, code: CloseCode, reason: str) -> None:
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
            CloseCode.BAD_MESSAGE,
            "this socket speaks binary protobuf (rapt.v1.ClientMessage), not text",
        )
    return data


def _parse(data: bytes) -> viewing.ClientMessage:
    if len(data) > MAX_MESSAGE_BYTES and not is_one_frame(data):
        raise Refused(CloseCode.TOO_BIG, f"a message has at most {MAX_MESSAGE_BYTES} bytes")
    try:
        message = viewing.ClientMessage.FromString(data)
    except DecodeError as error:
        raise Refused(CloseCode.BAD_MESSAGE, "these bytes are no rapt.v1.ClientMessage") from error
    return message


def _now_us() -> int:
    return time.time_ns() // 1000
