"""A browser that may say anything: one raw WebSocket to the real gateway."""

import asyncio
import time
from typing import Self

from rapt.client import OpenedSession, Rest
from rapt.deadline import MAX_BUDGET_MS
from rapt.running import Running
from rapt.v1 import perception_pb2 as perception
from rapt.v1 import viewing_pb2 as viewing
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

ANSWER_WITHIN_S = 60.0
LENGTH_MS = 600_000


async def open_session(running: Running, name: str) -> OpenedSession:
    """Make a video and open a session of it."""
    async with Rest(running.gateway_url, running.local_token) as rest:
        content = await rest.create_content("Bad input", kind="video", length_ms=LENGTH_MS)
        return await rest.open_session(content.id, name)


class Peer:
    """A WebSocket that sends what it is told and waits for the kind of answer it is told."""

    def __init__(self, running: Running, opened: OpenedSession) -> None:
        self.opened = opened
        self._url = running.gateway_url.replace("http", "ws", 1) + opened.websocket_path
        self.socket: ClientConnection

    async def __aenter__(self) -> Self:
        self.socket = await connect(
            self._url, subprotocols=[Subprotocol("rapt.v1")], compression=None, max_size=1 << 20
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.socket.close()

    async def hello(self, ticket: str | None = None) -> viewing.Welcome:
        """Sign in and return the welcome."""
        hello = viewing.Hello(ticket=self.opened.ticket if ticket is None else ticket)
        await self.send(viewing.ClientMessage(hello=hello))
        return (await self.answer("welcome")).welcome

    async def send(self, message: viewing.ClientMessage) -> None:
        """Send one message."""
        await self.socket.send(message.SerializeToString())

    async def send_frame(self, image: bytes, *, sequence: int) -> None:
        """Send one frame, captured now: what seems to come late has less time for its answer."""
        frame = perception.Frame(
            sequence=sequence,
            captured_us=time.monotonic_ns() // 1000,
            budget_ms=MAX_BUDGET_MS,
            image=image,
        )
        await self.send(viewing.ClientMessage(frame=frame))

    async def send_event(self, event: perception.PlayerEvent) -> None:
        """Send one player event."""
        await self.send(viewing.ClientMessage(player_event=event))

    async def answer(self, *kinds: str) -> viewing.ServerMessage:
        """Return the next message of one of these kinds; other kinds are passed over."""
        async with asyncio.timeout(ANSWER_WITHIN_S):
            while True:
                data = await self.socket.recv()
                assert isinstance(data, bytes)
                message = viewing.ServerMessage.FromString(data)
                if message.WhichOneof("message") in kinds:
                    return message

    async def acknowledged(self, seq: int) -> None:
        """Wait until every event up to this number is safe or refused."""
        while True:
            message = await self.answer("control", "verdict", "shed")
            kind = message.WhichOneof("message")
            control = message.control if kind == "control" else getattr(message, kind or "").control
            if control.acked_event_seq >= seq:
                return

    async def close_code(self) -> int | None:
        """Wait until the server closes, and return its code."""
        async with asyncio.timeout(ANSWER_WITHIN_S):
            await self.socket.wait_closed()
        return self.socket.close_code
