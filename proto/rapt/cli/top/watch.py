"""What have the endpoints of everything that runs shown of late?"""

import asyncio
from collections import deque
from collections.abc import Mapping
from pathlib import Path

import msgspec

from rapt.cli.top.figures import Between, GatewayFigures, StoreFigures, WorkerFigures
from rapt.cli.top.places import INFERENCE, LOCAL, announced, is_pool, running_now
from rapt.cli.top.scrape import Scrape, scrape
from rapt.endpoint import METRICS

WINDOW = 6  # looks: the figures are of the time between the oldest and the newest

Looks = Mapping[str, Scrape | None]


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """How everything is doing; what does not answer is None, or missing among the workers."""

    span_s: float
    """Seconds that the rates are of."""
    workers: tuple[WorkerFigures, ...]
    together: WorkerFigures
    restarts: int
    """Workers of a pool that died and began again."""
    gateway: GatewayFigures | None
    store: StoreFigures | None
    away: tuple[str, ...]
    """Who should answer and does not."""


class Watch:
    """Looks again and again at what runs with a data folder."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._looks: deque[Looks] = deque(maxlen=WINDOW)
        self._states: dict[str, str] = {}

    async def look(self) -> None:
        """Look once more.

        Raises:
            Unavailable: nothing runs.
        """
        running = running_now(self._data)
        found = await scrape(running.metrics)
        if is_pool(found.get(INFERENCE)):
            entries = await asyncio.to_thread(announced, running.redis_url)
            self._states = {entry.name: entry.state for entry in entries}
            urls = {_worker(e.name): f"http://{e.metrics}{METRICS}" for e in entries if e.metrics}
            found |= await scrape(urls)
        else:
            self._states = {LOCAL: "ready"}
            found[_worker(LOCAL)] = found.pop(INFERENCE, None)
        self._looks.append(found)

    def picture(self) -> Picture:
        """Return what the looks say together."""
        states = dict(sorted(self._states.items()))
        looks = {name: self._between(_worker(name)) for name in states}
        here = {name: look for name, look in looks.items() if look is not None}
        gateway, store = self._between("gateway"), self._between("store")
        newest = self._looks[-1]
        pool = newest.get(INFERENCE)
        away = [name for name, found in newest.items() if found is None]
        return Picture(
            span_s=max((look.span_s for look in (*here.values(), gateway) if look), default=0.0),
            workers=tuple(
                WorkerFigures.of(name, [look], state=states[name]) for name, look in here.items()
            ),
            together=WorkerFigures.of("all", here.values()),
            restarts=0 if pool is None else round(pool.total("rapt_worker_restarts_total")),
            gateway=None if gateway is None else GatewayFigures.of(gateway),
            store=None if store is None else StoreFigures.of(store),
            away=tuple(sorted(away)),
        )

    def _between(self, name: str) -> Between | None:
        """Return the oldest and the newest look at an endpoint that answers now."""
        newest = self._looks[-1].get(name)
        older = [look[name] for look in self._looks if look.get(name) is not None]
        if newest is None or older[0] is None:
            return None
        return Between(older[0], newest)


def _worker(name: str) -> str:
    return f"worker {name}"
