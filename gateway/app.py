"""The one place where the gateway's objects meet."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from litestar import Litestar, Request, WebSocket, get, websocket
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.openapi import OpenAPIConfig
from rapt.errors import RaptError

from gateway.config import GatewayConfig
from gateway.creators.contents import ContentRoutes
from gateway.creators.opening import Opening
from gateway.creators.sessions import SessionRoutes
from gateway.db.contents import Contents
from gateway.db.database import Database
from gateway.db.sessions import Sessions
from gateway.identity.callers import Caller, Callers
from gateway.identity.tickets import Tickets
from gateway.live.presence import Presence
from gateway.live.walls import Walls
from gateway.metrics import Metrics
from gateway.problems import answer_fault, answer_http_error, answer_rapt_error
from gateway.tasks import Tasks
from gateway.viewing.observe import Observer, Workers
from gateway.viewing.open_sessions import OpenSessions, Waits
from gateway.viewing.session import Rules, SessionLimits
from gateway.viewing.socket import SocketRules, Sockets


class Gateway:
    """Every object of one gateway, made from its settings."""

    def __init__(self, config: GatewayConfig) -> None:
        self.config = config
        self.metrics = Metrics()
        self.tasks = Tasks()
        self.tickets = Tickets(config.ticket_key, good_for_s=config.ticket_s)
        self.callers = Callers(
            local_token=config.local_token, tickets=self.tickets, tenant_id=config.tenant
        )
        self.database = Database(config.database_address)
        self.contents = Contents(self.database)
        self.register = Sessions(self.database)
        self.opening = Opening(
            contents=self.contents,
            register=self.register,
            tickets=self.tickets,
            policy=config.policy,
        )
        self.presence = Presence()
        self.walls = Walls()

    async def start(self) -> None:
        """Open what must be open before the first request."""
        config = self.config
        await self.database.open()
        self.workers = Workers(config.inference_addresses)
        self.sessions = OpenSessions(
            register=self.register,
            observer=Observer(self.workers, self.metrics),
            presence=self.presence,
            tasks=self.tasks,
            metrics=self.metrics,
            limits=SessionLimits(
                messages_per_s=config.messages_per_s,
                messages_burst=config.messages_burst,
                frames_per_s=config.frames_per_s,
                max_waiting_events=config.max_waiting_events,
            ),
            rules=Rules(keep_days=config.keep_days, camera_keep_days=config.camera_keep_days),
            waits=Waits(
                grace_s=config.grace_s,
                last_words_s=config.last_words_s,
                close_s=config.close_s,
                max_sessions=config.max_sessions,
                max_detached=config.max_detached,
            ),
        )
        self.sockets = Sockets(
            tickets=self.tickets,
            sessions=self.sessions,
            walls=self.walls,
            metrics=self.metrics,
            rules=SocketRules(
                hello_s=config.hello_s,
                beat_s=config.beat_s,
                slow_reader_s=config.slow_reader_s,
                origins=config.extra_origins,
            ),
        )

    async def stop(self) -> None:
        """End every session, then close what was opened."""
        await self.sessions.stop()
        await self.tasks.stop()
        await self.workers.close()
        await self.database.close()


def build_app(config: GatewayConfig) -> Litestar:
    """Make the application; nothing is opened before its lifespan begins."""
    gateway = Gateway(config)

    @asynccontextmanager
    async def lifespan(_: Litestar) -> AsyncIterator[None]:
        await gateway.start()
        try:
            yield
        finally:
            await gateway.stop()

    @websocket("/ws")
    async def watch(socket: WebSocket[Any, Any, Any]) -> None:
        await gateway.sockets.serve(socket)

    @get("/readyz", include_in_schema=False)
    async def ready() -> str:
        return "ready"

    def read_caller(request: Request[Any, Any, Any]) -> Caller:
        return gateway.callers.read(request.headers.get("authorization"), now_s=int(time.time()))

    return Litestar(
        [ContentRoutes, SessionRoutes, watch, ready],
        lifespan=[lifespan],
        dependencies={
            "caller": Provide(read_caller, sync_to_thread=False),
            "contents": _given(gateway.contents),
            "opening": _given(gateway.opening),
        },
        exception_handlers={
            RaptError: answer_rapt_error,
            HTTPException: answer_http_error,
            Exception: answer_fault,
        },
        openapi_config=OpenAPIConfig(title="Rapt", version="1"),
        debug=False,
    )


def _given(thing: object) -> Provide:
    return Provide(lambda: thing, sync_to_thread=False)
