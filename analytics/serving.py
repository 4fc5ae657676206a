"""How the store process lives: folder, schema, port, signal, end.

It listens only after the schema is there, so an answer to `/ping` means ready. SIGTERM and SIGINT:
no new connections, the statements under way finish, the engine closes, exit 0.
"""

import asyncio
import contextlib
import socket

import structlog
import uvicorn
from rapt.address import Address
from rapt.errors import Misconfigured
from rapt.patience import ImpatientProtocol
from rapt.signals import leave_stop_to_uvicorn

from analytics.client import DATABASE, ClientConfig
from analytics.config import AnalyticsConfig
from analytics.engine import Engine
from analytics.migrate import migrate
from analytics.server import StoreApp
from analytics.store import Store
from analytics.upkeep import keep_up

STOP_S = 10  # for the statements under way; a reader's longest query

log = structlog.get_logger(__name__)


class _Server(uvicorn.Server):
    """uvicorn that says where it listens."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to listen, then say so."""
        await super().startup(sockets)
        host, port = (sockets or [])[0].getsockname()[:2]
        log.info("store_started", listen=f"{host}:{port}")


async def serve(config: AnalyticsConfig) -> None:
    """Serve the embedded store until a signal.

    Raises:
        Misconfigured: no passwords, the folder is taken, or the port is.
    """
    if not config.writer_password or not config.reader_password:
        raise Misconfigured(
            "set RAPT_ANALYTICS_WRITER_PASSWORD and RAPT_ANALYTICS_READER_PASSWORD first"
        )
    listener = listen(config.address)
    with (
        contextlib.closing(listener),
        Engine(config.data, max_memory_bytes=config.max_memory_bytes) as engine,
    ):
        await asyncio.to_thread(migrate, engine.command, DATABASE)
        app = StoreApp(engine, config)
        client = ClientConfig.embedded(config, port=listener.getsockname()[1])
        try:
            async with Store(client) as store, asyncio.TaskGroup() as tasks:
                upkeep = tasks.create_task(keep_up(store, config))
                await _serve(app, listener)
                upkeep.cancel()
        finally:
            await asyncio.to_thread(app.close)
    log.info("store_stopped")


async def _serve(app: StoreApp, listener: socket.socket) -> None:
    """Run uvicorn until a signal."""
    server = _Server(
        uvicorn.Config(
            app,
            http=ImpatientProtocol,
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
            date_header=False,
            timeout_keep_alive=75,
            timeout_graceful_shutdown=STOP_S,
            backlog=128,
        )
    )
    leave_stop_to_uvicorn()
    await server.serve(sockets=[listener])


def listen(address: Address) -> socket.socket:
    """Open the port.

    Raises:
        Misconfigured: the host is not ours, or somebody listens there already.
    """
    try:
        family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Connections inherit it. Without it each reply waits 44 ms: head and body are two writes.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        listener.bind((address.host, address.port))
    except OSError as error:
        raise Misconfigured(
            f"cannot listen on {address} ({error}); set RAPT_ANALYTICS_LISTEN to a free address"
        ) from error
    return listener
