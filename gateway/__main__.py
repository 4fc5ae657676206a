"""`python -m gateway serve`: the gateway as a process."""

import os
import sys

import structlog
import uvicorn
from litestar import Litestar
from prometheus_client import disable_created_metrics
from rapt.address import parse_address
from rapt.config import load_config
from rapt.crashes import leave_no_dump
from rapt.errors import Misconfigured
from rapt.patience import ImpatientProtocol
from rapt.pauses import short_pauses
from rapt.signals import leave_stop_to_uvicorn
from rapt.telemetry import start_logging

from gateway.app import build_app
from gateway.config import PREFIX, GatewayConfig
from gateway.db.database import check_file
from gateway.viewing.guarded import GuardedProtocol
from gateway.viewing.socket import HARD_LIMIT_BYTES

log = structlog.get_logger()

STOP_S = 10  # for requests and sockets to end after SIGTERM

_USAGE = """usage: python -m gateway serve

Serves browsers: HTTP, WebSocket and the web app. Settings are environment variables that begin with
RAPT_GATEWAY_ (see docs/configuration.md). For example:

  RAPT_GATEWAY_LOCAL_TOKEN=... RAPT_GATEWAY_TICKET_KEY=... python -m gateway serve
"""


def uvicorn_config(config: GatewayConfig, app: Litestar) -> uvicorn.Config:
    """Return how uvicorn serves us; pictures do not shrink, so nothing is compressed."""
    address = parse_address(config.listen, setting=f"{PREFIX}LISTEN")
    return uvicorn.Config(
        app,
        host=address.host,
        port=address.port,
        http=ImpatientProtocol,
        loop="uvloop" if sys.platform != "win32" else "asyncio",
        ws=GuardedProtocol,
        ws_max_size=HARD_LIMIT_BYTES,
        ws_per_message_deflate=False,
        ws_ping_interval=20,
        ws_ping_timeout=20,
        timeout_graceful_shutdown=STOP_S,
        access_log=False,
        log_config=None,
        server_header=False,
    )


def main(arguments: list[str]) -> int:
    """Run until SIGTERM or SIGINT; return the exit status."""
    if arguments != ["serve"]:
        sys.stdout.write(_USAGE)
        return 0 if arguments in (["--help"], ["-h"]) else 2
    leave_no_dump()
    disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series for each, unasked
    start_logging("gateway")
    try:
        config = load_config(os.environ, GatewayConfig, prefix=PREFIX)
        start_logging("gateway", level=config.log_level)
        check_file(config.database_address)
        server = uvicorn.Server(uvicorn_config(config, build_app(config)))
    except Misconfigured as error:
        sys.stderr.write(f"{error}\n")
        return 2
    leave_stop_to_uvicorn()
    log.info("gateway_started", listen=config.listen)
    with short_pauses():
        server.run()
    log.info("gateway_stopped")
    return 0 if server.started else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
