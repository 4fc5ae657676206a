"""The one place where the gateway's objects meet, and where requests find them."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from litestar import Litestar, MediaType, Request, Response, WebSocket, get, websocket
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme
from rapt.errors import RaptError
from rapt.polling import keep_polling

from gateway.config import GatewayConfig
from gateway.creators.contents import ContentRoutes
from gateway.creators.facts import FactRoutes
from gateway.creators.heatmaps import HeatmapRoutes
from gateway.creators.media import MediaRoutes
from gateway.creators.sessions import SessionRoutes
from gateway.headers import add_safe_headers
from gateway.health import ready, tell_health, tell_metrics
from gateway.identity.callers import Caller
from gateway.objects import Gateway
from gateway.oip.routes import ROUTES as OPEN_INFERENCE
from gateway.problems import answer_fault, answer_http_error, answer_rapt_error, answer_unreadable
from gateway.viewing.last_words import LastWordsRoutes

MAX_BODY_BYTES = 64 * 1024  # read before anyone is known; routes that take more say so


def build_app(config: GatewayConfig, gateway: Gateway | None = None) -> Litestar:
    """Make the application; nothing is opened before its lifespan begins.

    Args:
        config: settings.
        gateway: its objects, where a test puts other ones together.
    """
    gateway = gateway or Gateway(config)

    @asynccontextmanager
    async def lifespan(_: Litestar) -> AsyncIterator[None]:
        keep_polling()
        await gateway.start()
        try:
            yield
        finally:
            await gateway.stop()

    return Litestar(
        [
            ContentRoutes,
            MediaRoutes,
            HeatmapRoutes,
            SessionRoutes,
            FactRoutes,
            LastWordsRoutes,
            OPEN_INFERENCE,
            ready,
            tell_health,
            tell_metrics,
            *_edges(gateway),
        ],
        lifespan=[lifespan],
        dependencies=_dependencies(gateway),
        before_send=[add_safe_headers],
        request_max_body_size=MAX_BODY_BYTES,
        exception_handlers={
            RaptError: answer_rapt_error,
            HTTPException: answer_http_error,
            RecursionError: answer_unreadable,
            UnicodeDecodeError: answer_unreadable,
            Exception: answer_fault,
        },
        openapi_config=_openapi(),
        logging_config=None,  # `rapt.telemetry` says how we log
    )


def _edges(gateway: Gateway) -> list[Any]:
    """Return the routes that are no REST: the socket, and every page of the web app."""

    @websocket("/ws")
    async def watch(socket: WebSocket[Any, Any, Any]) -> None:
        await gateway.sockets.serve(socket)

    @get(["/", "/{path:path}"], include_in_schema=False, media_type=MediaType.HTML)
    async def give_page(request: Request[Any, Any, Any]) -> Response[bytes]:
        return await gateway.web_app.answer(request)

    return [watch, give_page]


def _dependencies(gateway: Gateway) -> dict[str, Provide]:
    def caller(request: Request[Any, Any, Any]) -> Caller:
        return gateway.callers.read(request.headers.get("authorization"), now_s=int(time.time()))

    return {
        "caller": Provide(caller, sync_to_thread=False),
        "contents": _given(lambda: gateway.contents),
        "register": _given(lambda: gateway.register),
        "opening": _given(lambda: gateway.opening),
        "media": _given(lambda: gateway.media),
        "answers": _given(lambda: gateway.answers),
        "sessions": _given(lambda: gateway.sessions),
        "checks": _given(lambda: gateway.checks),
        "metrics": _given(lambda: gateway.metrics),
        "models": _given(lambda: gateway.models),
        "keys": _given(lambda: gateway.keys),
    }


def _given(thing: Callable[[], object]) -> Provide:
    return Provide(thing, sync_to_thread=False)


def _openapi() -> OpenAPIConfig:
    return OpenAPIConfig(
        title="Rapt",
        version="1",
        description="Contents, sessions and what became of them. 64-bit ids are decimal strings.",
        components=Components(
            security_schemes={
                "bearer": SecurityScheme(
                    type="http",
                    scheme="bearer",
                    description="The local access token of run.json, or a ticket.",
                )
            }
        ),
        security=[{"bearer": []}],
        # The pages that show a schema load scripts of strangers, and ours hold the access token.
        render_plugins=[JsonRenderPlugin()],
    )
