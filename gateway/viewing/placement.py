"""Which workers are there? A fixed list, or what they announce in Redis.

While Redis is away the last list stays; whoever uses it finds out who answers. An announcement that
is void is believed only when its worker does not answer either, so a worker that merely lost Redis
keeps its sessions. After an outage nobody is missed before all had the time to announce themselves.
"""

import asyncio
import time
from typing import Any, Protocol

import msgspec
import structlog
from rapt.placement import ANNOUNCED, KEY, LIFE_S, WorkerEntry, in_order, key_of, static_entries
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

log = structlog.get_logger()

LOOK_S = 0.5
READ_S = 2.0  # an answer that takes longer counts as none

_AWAY = (RedisError, OSError, TimeoutError)


class Channels(Protocol):
    """How the workers are reached."""

    async def answers(self, address: str) -> bool:
        """Return whether the worker at an address says that it is ready."""

    async def tidy(self) -> None:
        """Forget workers that are not there any more."""


class Placement:
    """The workers as this gateway knows them."""

    def __init__(self, entries: tuple[WorkerEntry, ...] = ()) -> None:
        self._entries = entries
        self._gone: dict[str, asyncio.Event] = {}

    @property
    def addresses(self) -> tuple[str, ...]:
        """Where every worker is."""
        return tuple(entry.address for entry in self._entries)

    def order(self, session_id: int) -> list[str]:
        """Return the addresses for a session, whose turn it is first."""
        return [entry.address for entry in in_order(session_id, self._entries)]

    async def until_gone(self, address: str) -> None:
        """Wait until there is no worker at an address any more."""
        if address in self.addresses:
            await self._gone.setdefault(address, asyncio.Event()).wait()

    def update(self, entries: tuple[WorkerEntry, ...]) -> None:
        """Take the list as it is now."""
        self._entries = entries
        for address in self._gone.keys() - set(self.addresses):
            self._gone.pop(address).set()


class Registry:
    """Keeps a placement up to date with what the workers announce in Redis."""

    def __init__(self, url: str, placement: Placement, channels: Channels) -> None:
        self._redis = Redis.from_url(
            url,
            socket_timeout=READ_S,
            socket_connect_timeout=READ_S,
            retry=Retry(NoBackoff(), 0),  # we look again ourselves
        )
        self._placement = placement
        self._channels = channels
        self._entries: dict[str, WorkerEntry] = {}
        self._believes_from_s = 0.0
        self._is_up = True

    async def run(self) -> None:
        """Look again and again until cancelled."""
        try:
            while True:
                await self.look()
                await asyncio.sleep(LOOK_S)
        finally:
            await self.close()

    async def close(self) -> None:
        """Close the connection."""
        await self._redis.aclose()

    async def look(self) -> None:
        """Take over what is announced now."""
        await self._channels.tidy()  # the calls to those that were gone at the last look are over
        try:
            async with asyncio.timeout(READ_S):
                announced = await self._announced()
        except _AWAY as error:
            if self._is_up:
                log.warning("registry_lost", reason=type(error).__name__)
            self._is_up = False
            return
        if not self._is_up:
            self._is_up = True
            self._believes_from_s = time.monotonic() + LIFE_S
        missed = [entry for name, entry in self._entries.items() if name not in announced]
        kept = await asyncio.gather(*(self._stays(entry) for entry in missed))
        announced |= {e.name: e for e, stays in zip(missed, kept, strict=True) if stays}
        self._entries = dict(sorted(announced.items()))
        self._placement.update(tuple(self._entries.values()))

    async def _announced(self) -> dict[str, WorkerEntry]:
        # Redis's types are those of a client that decodes; ours does not.
        members: Any = await self._redis.smembers(KEY)
        names = [name.decode() for name in members]
        if not names:
            return {}
        found: Any = await self._redis.mget([key_of(name) for name in names])
        entries = (_read(value) for value in found if value is not None)
        return {entry.name: entry for entry in entries if entry is not None}

    async def _stays(self, entry: WorkerEntry) -> bool:
        """Return whether a worker that announces nothing is there all the same."""
        return time.monotonic() < self._believes_from_s or await self._channels.answers(
            entry.address
        )


def _read(value: bytes) -> WorkerEntry | None:
    try:
        return msgspec.json.decode(value, type=WorkerEntry)
    except msgspec.DecodeError:
        log.warning("worker_entry_unreadable")
        return None


def fixed(addresses: tuple[str, ...]) -> Placement:
    """Return the placement of workers that announce nothing."""
    return Placement(static_entries(addresses))


def is_announced(addresses: tuple[str, ...]) -> bool:
    """Return whether the settings leave it to the workers to say where they are."""
    return addresses == (ANNOUNCED,)
