"""A gateway small enough to misbehave on command: the real wire over real loopback sockets."""

import asyncio
import base64
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from rapt.cli.ports import free_ports
from rapt.v1 import perception_pb2 as perception
from rapt.v1 import viewing_pb2 as viewing

Message = MutableMapping[str, Any]  # as ASGI has it
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

TOKEN = "fake-token"  # noqa: S105 - opens nothing
SESSION_ID = "77"

ANSWERS: dict[str, object] = {
    "/v1/contents": {"id": "5", "title": "t", "kind": "video", "length_ms": 60_000},
    "/sessions": [{"session_id": SESSION_ID, "exit_reason": "left"}],
    "/totals": {"facts": 3, "interactions": 2, "sessions": 1, "duplicate_facts": 0},
    "/facts": [{"t_s": 0, "state": "focused", "attention": 0.9}],
    "/heatmap": {
        "seconds": [0],
        "starts": 1,
        "absolute": [1.0],
        "unique": [1.0],
        "attention": [None],
        "n": [0],
        "later": "field",
    },
}
"""What REST says, by the end of the path."""


@dataclass
class FakeGateway:
    """Keeps what it is told; the fields on top say how it misbehaves."""

    cut_after: list[int] = field(default_factory=list)
    """Cut each connection in turn after so many messages; later ones hold."""
    refuse_tickets: int = 0
    """How many Hellos are answered by 4401."""
    close_code: int | None = None
    """Close every connection with this code right after Hello."""
    refuse_events: int = 0
    """How many events are refused for lack of room, once each."""
    is_silent: bool = False
    """Whether frames get no answer."""
    status: int | None = None
    """Answer every REST request with this."""
    busy_answers: int = 0
    """How many REST requests are answered by 503 before anything else."""

    events: dict[int, perception.PlayerEvent] = field(default_factory=dict)
    has_event: asyncio.Event = field(default_factory=asyncio.Event)
    order: list[int] = field(default_factory=list)
    """Numbers of events as they came, repetitions included."""
    frames: list[int] = field(default_factory=list)
    closes: list[int] = field(default_factory=list)
    tickets: list[str] = field(default_factory=list)
    renewals: int = 0
    requests: list[str] = field(default_factory=list)
    authorizations: set[str] = field(default_factory=set)
    url: str = ""

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] == "websocket":
            with suppress(asyncio.CancelledError):
                await self._socket(receive, send)
        elif scope["type"] == "http":
            await self._rest(scope, receive, send)

    @property
    def acked(self) -> int:
        """Highest number without a gap below it."""
        seq = 0
        while seq + 1 in self.events:
            seq += 1
        return seq

    async def _socket(self, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept", "subprotocol": "rapt.v1"})
        hello = viewing.ClientMessage.FromString((await receive())["bytes"]).hello
        self.tickets.append(hello.ticket)
        if self.refuse_tickets > 0:
            self.refuse_tickets -= 1
            await send({"type": "websocket.close", "code": 4401})
            return
        if self.close_code is not None:
            await send({"type": "websocket.close", "code": self.close_code})
            return
        welcome = viewing.Welcome(
            session_id=int(SESSION_ID),
            server_us=time.time_ns() // 1000,
            beat_s=5,
            acked_event_seq=self.acked,
            control=self._control(),
        )
        await self._say(send, viewing.ServerMessage(welcome=welcome))
        left = self.cut_after.pop(0) if self.cut_after else None
        while (packet := await receive())["type"] == "websocket.receive":
            if left == 0:
                await send({"type": "websocket.close", "code": 1012})
                return
            left = None if left is None else left - 1
            message = viewing.ClientMessage.FromString(packet["bytes"])
            if await self._answer(message, send):
                await send({"type": "websocket.close", "code": 1000})
                return

    async def _answer(self, message: viewing.ClientMessage, send: Send) -> bool:
        """Answer one message; True when it was the last."""
        match message.WhichOneof("message"):
            case "player_event":
                await self._take_event(message.player_event, send)
            case "frame":
                self.frames.append(message.frame.sequence)
                if not self.is_silent:
                    verdict = perception.Verdict(
                        sequence=message.frame.sequence,
                        captured_us=message.frame.captured_us,
                        state=perception.STATE_FOCUSED,
                        control=self._control(),
                    )
                    await self._say(send, viewing.ServerMessage(verdict=verdict))
            case "close":
                self.closes.append(message.close.reason)
                closed = perception.Closed(
                    frames_received=len(self.frames), facts_written=3, acked_event_seq=self.acked
                )
                await self._say(send, viewing.ServerMessage(closed=closed))
                return True
            case _:
                pass
        return False

    async def _take_event(self, event: perception.PlayerEvent, send: Send) -> None:
        self.order.append(event.seq)
        if self.refuse_events > 0:
            self.refuse_events -= 1
            shed = perception.Shed(
                event_seq=event.seq,
                reason=perception.SHED_REASON_REFUSED_RATE,
                control=self._control(),
            )
            await self._say(send, viewing.ServerMessage(shed=shed))
            return
        self.events[event.seq] = event
        self.has_event.set()
        await self._say(send, viewing.ServerMessage(control=self._control()))

    def _control(self) -> perception.Control:
        return perception.Control(
            acked_sequence=0 if self.is_silent else max(self.frames, default=0),
            credits=1,
            target_fps_milli=2000,
            acked_event_seq=self.acked,
        )

    async def _say(self, send: Send, message: viewing.ServerMessage) -> None:
        await send({"type": "websocket.send", "bytes": message.SerializeToString()})

    async def _rest(self, scope: Message, receive: Receive, send: Send) -> None:
        while (await receive()).get("more_body"):
            pass
        self.requests.append(f"{scope['method']} {scope['path']}")
        headers = dict(scope["headers"])
        self.authorizations.add(headers.get(b"authorization", b"").decode())
        status, body = self._rest_answer(scope["path"])
        await send(
            {
                "type": "http.response.start",
                "status": status,
                "headers": [(b"content-type", b"application/json")],
            }
        )
        await send({"type": "http.response.body", "body": json.dumps(body).encode()})

    def _rest_answer(self, path: str) -> tuple[int, object]:
        if self.busy_answers > 0:
            self.busy_answers -= 1
            return 503, {"status": 503, "detail": "too many people join at once"}
        if self.status is not None:
            return self.status, {"status": self.status, "detail": "no room today"}
        if path.endswith("/ticket"):
            self.renewals += 1
            return 201, {"ticket": ticket(f"renewed-{self.renewals}")}
        if path == "/v1/sessions":
            return 201, {"session_id": SESSION_ID, "ticket": ticket("first")}
        known = next((body for end, body in ANSWERS.items() if path.endswith(end)), None)
        if known is None:
            return 404, {"status": 404, "detail": "there is no such thing"}
        return 200, known


def ticket(name: str, opened_at_us: int = 1_700_000_000_000_000) -> str:
    """Three parts with a readable middle, signed by nobody."""
    claims = json.dumps({"name": name, "opened_at_us": opened_at_us}).encode()
    return f"head.{base64.urlsafe_b64encode(claims).decode().rstrip('=')}.{name}"


@asynccontextmanager
async def serving(gateway: FakeGateway) -> AsyncIterator[FakeGateway]:
    """Serve it on a free loopback port."""
    [port] = free_ports(1)
    config = uvicorn.Config(
        gateway,
        host="127.0.0.1",
        port=port,
        log_level="critical",
        lifespan="off",
        ws="websockets-sansio",
    )
    server = uvicorn.Server(config)
    gateway.url = f"http://127.0.0.1:{port}"
    async with asyncio.TaskGroup() as group:
        task = group.create_task(server._serve())
        while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.01)
        try:
            yield gateway
        finally:
            server.should_exit = True
            server.force_exit = True
            await task
