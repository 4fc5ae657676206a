"""Which endpoints are there?

`run.json` names those of the services; a pool's workers say in Redis where theirs are.
"""

import asyncio
from pathlib import Path

import msgspec

from rapt.cli.doctor import running_in
from rapt.cli.top.scrape import Scrape, scrape
from rapt.endpoint import METRICS
from rapt.errors import Unavailable
from rapt.placement import KEY, WorkerEntry, key_of
from rapt.running import Running

INFERENCE, LOCAL = "inference", "local"
POOL = "rapt_workers"
"""Only a pool has it: its own endpoint is none of a worker."""
REDIS_S = 1.0


def running_now(data: Path) -> Running:
    """Return what runs with a data folder.

    Raises:
        Unavailable: nothing does.
    """
    running = running_in(data)
    if running is None:
        raise Unavailable(f"nothing runs with the data folder {data}; start it with ./rapt up")
    return running


async def workers_of(data: Path) -> dict[str, str]:
    """Return where the metrics of every worker are, host:port, by its name.

    Raises:
        Unavailable: nothing runs.
    """
    running = running_now(data)
    address = running.metrics.get(INFERENCE, "")
    found = await scrape({INFERENCE: address})
    if not is_pool(found[INFERENCE]):
        return {LOCAL: address.removeprefix("http://").removesuffix(METRICS)}
    entries = await asyncio.to_thread(announced, running.redis_url)
    return {entry.name: entry.metrics for entry in entries if entry.metrics}


def is_pool(inference: Scrape | None) -> bool:
    """Tell whether an endpoint speaks for workers that have one each."""
    return inference is not None and inference.has(POOL)


def announced(redis_url: str) -> tuple[WorkerEntry, ...]:
    """Return what the workers of a pool say in Redis; nothing while that is away."""
    from redis import Redis, RedisError  # noqa: PLC0415  costs every start, and only pools need it

    with Redis.from_url(
        redis_url, socket_timeout=REDIS_S, socket_connect_timeout=REDIS_S
    ) as client:
        try:
            names = sorted(name.decode() for name in client.smembers(KEY))
            found = client.mget([key_of(name) for name in names]) if names else []
        except RedisError:
            return ()
    return tuple(msgspec.json.decode(text, type=WorkerEntry) for text in found if text)
