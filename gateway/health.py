"""Is the gateway ready, and what does it lack?

`/readyz` is 200 as soon as requests are served; what the gateway needs from others may come later.
`/healthz` tells the state of each of them, and `/metrics` counts.
"""

import asyncio
from typing import Any, Literal

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency

from gateway.creators.answers import Answers
from gateway.live.hub import Hub
from gateway.metrics import Metrics
from gateway.viewing.workers import Workers

STORE_S = 2.0  # a store that needs longer for SELECT 1 is away


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """The state of everything that the gateway needs."""

    status: Literal["ok", "degraded"]
    """Degraded: something is away; what still works goes on."""
    inference: dict[str, str]
    """What each worker says: ready, stopping; or away."""
    store: str
    """ok or away."""
    hub: str
    """ok, or what is wrong."""


class Checks:
    """Asks everyone how they are."""

    def __init__(self, *, workers: Workers, answers: Answers, hub: Hub) -> None:
        self._workers = workers
        self._answers = answers
        self._hub = hub

    async def now(self) -> Health:
        """Return how everyone is now."""
        store, hub, inference = await asyncio.gather(
            self._store(), self._hub.state(), self._workers.states()
        )
        is_ok = store == hub == "ok" and "ready" in inference.values()
        return Health(
            status="ok" if is_ok else "degraded", inference=inference, store=store, hub=hub
        )

    async def _store(self) -> str:
        try:
            async with asyncio.timeout(STORE_S):
                return "ok" if await self._answers.is_healthy() else "away"
        except TimeoutError:
            return "away"


@get("/readyz", include_in_schema=False)
async def ready() -> str:
    """Say that requests are served."""
    return "ready"


@get("/healthz", tags=["operation"])
async def tell_health(checks: NamedDependency[Checks]) -> Health:
    """Tell the state of everything that the gateway needs."""
    return await checks.now()


@get("/metrics", include_in_schema=False)
async def tell_metrics(metrics: NamedDependency[Metrics]) -> Response[Any]:
    """Tell everything that is counted, for Prometheus."""
    return Response(metrics.page(), media_type="text/plain; version=0.0.4; charset=utf-8")
