"""How workers announce themselves, in memory and in a real Valkey."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import msgspec
import pytest
from rapt.address import Address
from rapt.cli.ports import free_ports
from rapt.placement import KEY, LIFE_S, State, WorkerEntry, key_of
from redis.asyncio import Redis

from inference.pool import registry as registries
from inference.pool.registry import Announcer, MemoryRegistry, RedisRegistry, Registry
from tests.inference.calling import WITHIN_S
from tests.services import valkey_at

WARMING: State = "warming"
DRAINING: State = "draining"

Read = Callable[[str], Awaitable[WorkerEntry | None]]


def an_entry(fence: int, *, port: int = 7, state: State = "ready") -> WorkerEntry:
    """Return an entry of a worker."""
    return WorkerEntry(name="worker-0", address=f"127.0.0.1:{port}", fence=fence, state=state)


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Valkey take its time on a busy machine."""
    monkeypatch.setattr(registries, "WRITE_S", WITHIN_S)


@pytest.fixture(params=["memory", "valkey"])
async def registry(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[Registry, Read]]:
    """Return a registry and a way to look into it; no entry dies while a test looks."""
    monkeypatch.setattr(registries, "LIFE_S", 2 * WITHIN_S)
    if request.param == "memory":
        memory = MemoryRegistry()

        async def held(name: str) -> WorkerEntry | None:
            return memory.entries.get(name)

        yield memory, held
        return
    url = request.getfixturevalue("valkey")
    stored, redis = RedisRegistry(url), Redis.from_url(url)
    await redis.flushall()

    async def read(name: str) -> WorkerEntry | None:
        value = await redis.get(key_of(name))
        is_listed = await redis.sismember(KEY, name)
        assert bool(is_listed) == (value is not None)
        return None if value is None else msgspec.json.decode(value, type=WorkerEntry)

    yield stored, read
    await redis.flushall()  # others look for workers there, too
    await stored.close()
    await redis.aclose()


async def test_the_newest_process_has_the_name(registry: tuple[Registry, Read]) -> None:
    """One that was thought dead can neither take it back nor take it away."""
    where, read = registry
    old, new = await where.now_us(), await where.now_us()
    assert old < new
    assert await where.announce(an_entry(old))
    assert await where.announce(an_entry(new, port=8))
    assert not await where.announce(an_entry(old))
    await where.withdraw(an_entry(old))
    assert await read("worker-0") == an_entry(new, port=8)
    await where.withdraw(an_entry(new))
    assert await read("worker-0") is None


async def test_an_announcer_renews_tells_news_at_once_and_takes_its_entry_out(
    registry: tuple[Registry, Read],
) -> None:
    """From the first word to the last."""
    where, read = registry
    news, replaced, states = asyncio.Event(), asyncio.Event(), [WARMING]

    def describe(fence: int) -> WorkerEntry:
        return an_entry(fence, state=states[-1])

    task = asyncio.create_task(Announcer(where, describe, news).run(replaced))
    await _until(read, "warming")
    states.append(DRAINING)
    news.set()
    await _until(read, "draining")
    task.cancel()
    await asyncio.wait([task])
    assert await read("worker-0") is None
    assert not replaced.is_set()


async def test_a_process_whose_name_was_taken_hears_of_it(
    registry: tuple[Registry, Read],
) -> None:
    """It shall drain, because no gateway will send it anyone."""
    where, read = registry
    news, replaced = asyncio.Event(), asyncio.Event()
    task = asyncio.create_task(Announcer(where, an_entry, news).run(replaced))
    await _until(read, "ready")
    newer = an_entry(await where.now_us())
    assert await where.announce(newer)
    news.set()
    await asyncio.wait_for(replaced.wait(), WITHIN_S)
    await task
    assert await read("worker-0") == newer


async def test_an_entry_that_is_not_renewed_dies(valkey: str) -> None:
    """Nobody has to notice the death of its worker."""
    stored, redis = RedisRegistry(valkey), Redis.from_url(valkey)
    await stored.announce(an_entry(1))
    left_ms = await redis.pttl(key_of("worker-0"))
    assert 0 < left_ms <= LIFE_S * 1000
    await redis.flushall()
    await stored.close()
    await redis.aclose()


async def test_a_registry_that_is_away_stops_nobody(tmp_path: Path) -> None:
    """The worker goes on, and is announced again when Valkey is back."""
    (port,) = free_ports(1)
    url = f"redis://127.0.0.1:{port}/0"
    stored, news = RedisRegistry(url), asyncio.Event()
    task = asyncio.create_task(Announcer(stored, an_entry, news).run(asyncio.Event()))
    with valkey_at(Address("127.0.0.1", port), tmp_path):
        redis = Redis.from_url(url)
        async with asyncio.timeout(WITHIN_S):
            while not await redis.exists(key_of("worker-0")):  # noqa: ASYNC110  Redis tells nobody
                await asyncio.sleep(0.05)
        await redis.aclose()
    assert not task.done()
    task.cancel()
    await asyncio.wait([task])
    await stored.close()


async def _until(read: Read, state: str) -> None:
    async with asyncio.timeout(WITHIN_S):
        while (entry := await read("worker-0")) is None or entry.state != state:  # noqa: ASYNC110  a registry tells nobody
            await asyncio.sleep(0.01)
