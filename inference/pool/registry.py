"""How a worker tells the gateways that it is there: an entry in Redis, renewed every second.

The entry dies with its worker, `LIFE_S` later. A process that takes over a name has a higher fence;
the one before it, should it still live, learns at its next renewal that it is not wanted any more.
While Redis is away the gateways keep their last list, so nothing is lost but news.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Protocol

import msgspec
import structlog
from rapt.placement import KEY, LIFE_S, RENEW_S, WorkerEntry, key_of
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

log = structlog.get_logger()

WRITE_S = 0.8  # an answer that takes longer counts as none, and the next renewal is due
AWAY = (RedisError, OSError, TimeoutError)

_ANNOUNCE = """
local held = redis.call('GET', KEYS[2])
if held and cjson.decode(held).fence > tonumber(ARGV[2]) then return 0 end
redis.call('SADD', KEYS[1], ARGV[1])
redis.call('SET', KEYS[2], ARGV[3], 'PX', ARGV[4])
return 1
"""
_WITHDRAW = """
local held = redis.call('GET', KEYS[2])
if held and cjson.decode(held).fence ~= tonumber(ARGV[2]) then return 0 end
redis.call('SREM', KEYS[1], ARGV[1])
redis.call('DEL', KEYS[2])
return 1
"""


class Registry(Protocol):
    """Where workers announce themselves."""

    async def now_us(self) -> int:
        """Return a number that only grows: the fence of who asks now."""

    async def announce(self, entry: WorkerEntry) -> bool:
        """Renew an entry; False when a newer process has its name."""

    async def withdraw(self, entry: WorkerEntry) -> None:
        """Take an entry out, unless a newer process has its name."""


class MemoryRegistry:
    """The registry of one process: for tests, and workers that have a fixed address."""

    def __init__(self) -> None:
        self.entries: dict[str, WorkerEntry] = {}
        self._newest_us = 0

    async def now_us(self) -> int:
        """Return a number that only grows."""
        self._newest_us += 1
        return self._newest_us

    async def announce(self, entry: WorkerEntry) -> bool:
        """Keep an entry, unless a newer process has its name."""
        held = self.entries.get(entry.name)
        if held is not None and held.fence > entry.fence:
            return False
        self.entries[entry.name] = entry
        return True

    async def withdraw(self, entry: WorkerEntry) -> None:
        """Forget an entry, unless a newer process has its name."""
        held = self.entries.get(entry.name)
        if held is not None and held.fence == entry.fence:
            del self.entries[entry.name]


class RedisRegistry:
    """The registry of many processes."""

    def __init__(self, url: str) -> None:
        self._redis = Redis.from_url(
            url,
            socket_timeout=WRITE_S,
            socket_connect_timeout=WRITE_S,
            retry=Retry(NoBackoff(), 0),  # the next renewal tries again
        )

    async def now_us(self) -> int:
        """Return the time of Redis, or our own while it is away: microseconds since 1970."""
        with suppress(*AWAY):
            seconds, microseconds = await self._redis.time()
            return int(seconds) * 1_000_000 + int(microseconds)
        return time.time_ns() // 1000

    async def announce(self, entry: WorkerEntry) -> bool:
        """Renew an entry for `LIFE_S`."""
        life_ms = round(LIFE_S * 1000)
        return bool(await self._run(_ANNOUNCE, entry, msgspec.json.encode(entry), life_ms))

    async def withdraw(self, entry: WorkerEntry) -> None:
        """Take an entry out at once."""
        await self._run(_WITHDRAW, entry)

    async def close(self) -> None:
        """Close the connection."""
        await self._redis.aclose()

    async def _run(self, script: str, entry: WorkerEntry, *values: bytes | int) -> Any:
        # Redis's type is that of a synchronous client, too.
        async with asyncio.timeout(WRITE_S):
            done: Awaitable[Any] = self._redis.eval(
                script, 2, KEY, key_of(entry.name), entry.name, entry.fence, *values
            )
            return await done


class Announcer:
    """Keeps the entry of one worker in a registry."""

    def __init__(
        self, registry: Registry, describe: Callable[[int], WorkerEntry], news: asyncio.Event
    ) -> None:
        """Prepare to announce.

        Args:
            registry: where.
            describe: makes the entry of a fence, as the worker is now.
            news: set when the entry has changed so that it can not wait.
        """
        self._registry = registry
        self._describe = describe
        self._news = news
        self._is_heard = True

    async def run(self, replaced: asyncio.Event) -> None:
        """Announce until cancelled, then take the entry out.

        Args:
            replaced: set when a newer process has the worker's name.
        """
        fence = await self._registry.now_us()
        try:
            while await self._announce(fence):
                with suppress(TimeoutError):
                    async with asyncio.timeout(RENEW_S):
                        await self._news.wait()
                self._news.clear()
            log.warning("worker_replaced", worker=self._describe(fence).name)
            replaced.set()
        finally:
            with suppress(*AWAY):
                await self._registry.withdraw(self._describe(fence))

    async def _announce(self, fence: int) -> bool:
        """Renew the entry; while the registry is away, say so once and go on."""
        try:
            is_current = await self._registry.announce(self._describe(fence))
        except AWAY as error:
            if self._is_heard:
                log.warning("registry_lost", reason=type(error).__name__)
            self._is_heard = False
            return True
        self._is_heard = True
        return is_current
