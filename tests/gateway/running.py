"""A real gateway on loopback for one test, and a small browser to speak to it."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import msgspec
import uvicorn
from rapt.deadline import MAX_BUDGET_MS
from rapt.v1 import perception_pb2 as perception
from rapt.v1 import viewing_pb2 as viewing
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from gateway.__main__ import uvicorn_config
from gateway.app import build_app
from gateway.config import GatewayConfig
from gateway.creators.answers import Answers
from gateway.objects import Gateway
from tests.gateway.fakes import FakeAnswers, FakeWorker

TOKEN = "local-token-of-the-tests"  # noqa: S105 - opens nothing but a test's gateway
KEY = "0123456789abcdef0123456789abcdef"
ANSWER_S = 60.0  # forty sessions opened at once on a busy machine


def config_for(data: Path, inference: str, **changes: Any) -> GatewayConfig:
    """Return settings for a test; short waits, everything else as usual."""
    config = GatewayConfig(
        local_token=TOKEN,
        ticket_key=KEY,
        data=str(data),
        inference=inference,
        static=str(data / "dist"),
        store_url="http://reader:secret@127.0.0.1:9/rapt",
    )
    return msgspec.structs.replace(config, **changes)


@dataclass
class Running:
    """A gateway that listens."""

    url: str
    http: httpx.AsyncClient
    server: uvicorn.Server

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.url.rpartition(":")[2])

    async def make_content(self, **changes: Any) -> str:
        """Make a content and return its id."""
        body = {"title": "Light", "kind": "video", "length_ms": 60_000} | changes
        answer = await self.http.post("/v1/contents", json=body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def open_session(self, content_id: str | None = None, **changes: Any) -> dict[str, str]:
        """Open a session and return its ticket."""
        content_id = content_id or await self.make_content()
        body = {"content_id": content_id, "name": "Ada Lovelace"} | changes
        answer = await self.http.post("/v1/sessions", json=body)
        assert answer.status_code == 201, answer.text
        ticket: dict[str, str] = answer.json()
        return ticket

    @asynccontextmanager
    async def browser(self, ticket: str | None = None) -> AsyncIterator["Browser"]:
        """Connect, and say Hello when there is a ticket."""
        url = self.url.replace("http", "ws") + "/ws"
        async with connect(
            url, subprotocols=[Subprotocol("rapt.v1")], compression=None, max_size=None
        ) as websocket:
            browser = Browser(websocket)
            if ticket is not None:
                await browser.send(hello=viewing.Hello(ticket=ticket))
                browser.welcome = (await browser.next()).welcome
            yield browser

    @asynccontextmanager
    async def student(self, content_id: str | None = None) -> AsyncIterator["Browser"]:
        """Open a session and connect to it."""
        session = await self.open_session(content_id)
        async with self.browser(session["ticket"]) as browser:
            yield browser


class Browser:
    """One browser's socket."""

    def __init__(self, websocket: ClientConnection) -> None:
        self.websocket = websocket
        self.welcome = viewing.Welcome()

    async def send(self, **message: Any) -> None:
        """Send one ClientMessage."""
        await self.websocket.send(viewing.ClientMessage(**message).SerializeToString())

    async def next(self) -> viewing.ServerMessage:
        """Return the next message."""
        async with asyncio.timeout(ANSWER_S):
            data = await self.websocket.recv()
        assert isinstance(data, bytes)
        return viewing.ServerMessage.FromString(data)

    async def next_of(self, kind: str) -> Any:
        """Return the next message of one kind; others are passed over."""
        while (message := await self.next()).WhichOneof("message") != kind:
            pass
        return getattr(message, kind)

    async def until_acked(self, seq: int) -> None:
        """Wait until player events up to a number are acknowledged."""
        acked = 0
        while acked < seq:
            message = await self.next()
            controls = (message.control, message.verdict.control, message.shed.control)
            acked = max(acked, *(control.acked_event_seq for control in controls))

    async def closed_with(self) -> tuple[int, str]:
        """Wait until the gateway closes the socket; return code and reason."""
        async with asyncio.timeout(ANSWER_S):
            await self.websocket.wait_closed()
        return self.websocket.close_code or 0, self.websocket.close_reason or ""


def frame(sequence: int, image: bytes = b"\xff\xd8picture") -> perception.Frame:
    """Return a frame that may wait long: a busy machine is no reason to shed it."""
    captured_us = sequence * 500_000
    return perception.Frame(
        sequence=sequence, captured_us=captured_us, budget_ms=MAX_BUDGET_MS, image=image
    )


def event(seq: int, kind: int = perception.EVENT_KIND_PLAY, **changes: Any) -> Any:
    """Return a player event."""
    return perception.PlayerEvent(
        seq=seq, kind=perception.EventKind.ValueType(kind), at_us=seq, visible=True, **changes
    )


@asynccontextmanager
async def run_gateway(
    config: GatewayConfig, answers: Answers | None = None
) -> AsyncIterator[Running]:
    """Serve on a free port until the block ends, with a store in memory unless told otherwise."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    gateway = Gateway(config, answers=answers or FakeAnswers())
    server = uvicorn.Server(uvicorn_config(config, build_app(config, gateway)))
    task = asyncio.create_task(server._serve([listener]))
    async with asyncio.timeout(ANSWER_S):
        while not server.started:  # noqa: ASYNC110 - uvicorn tells it in no other way
            await asyncio.sleep(0.01)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    headers = {"authorization": f"Bearer {TOKEN}"}
    try:
        async with httpx.AsyncClient(
            base_url=url, headers=headers, trust_env=False, timeout=ANSWER_S
        ) as http:
            yield Running(url, http, server)
    finally:
        server.should_exit = True
        await task


@asynccontextmanager
async def gateway_of_two(folder: Path) -> AsyncIterator[tuple[Running, list[FakeWorker]]]:
    """Serve with two workers until the block ends."""
    workers = [FakeWorker(), FakeWorker()]
    for worker in workers:
        await worker.start()
    addresses = ",".join(worker.address for worker in workers)
    try:
        async with run_gateway(config_for(folder, addresses)) as gateway:
            yield gateway, workers
    finally:
        for worker in workers:
            await worker.die()
