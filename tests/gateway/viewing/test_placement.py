"""Which workers a gateway knows, from the settings and from a real Valkey."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import msgspec
import pytest
from rapt.address import Address
from rapt.cli.ports import free_ports
from rapt.placement import KEY, WorkerEntry, key_of
from redis.asyncio import Redis

from gateway.viewing import placement
from gateway.viewing.placement import Placement, Registry, fixed
from tests.services import valkey_at


class FakeChannels:
    """Answers for the workers that are said to live."""

    def __init__(self) -> None:
        self.alive: set[str] = set()
        self.tidied = 0

    async def answers(self, address: str) -> bool:
        """Tell whether a worker lives."""
        return address in self.alive

    async def tidy(self) -> None:
        """Count."""
        self.tidied += 1


def an_entry(number: int, port: int) -> WorkerEntry:
    """Return an entry of a ready worker."""
    return WorkerEntry(name=f"worker-{number}", address=f"127.0.0.1:{port}")


async def announce(redis: Redis, entry: WorkerEntry) -> None:
    """Announce a worker as it would."""
    await redis.sadd(KEY, entry.name)
    await redis.set(key_of(entry.name), msgspec.json.encode(entry))


Look = Callable[[str, Placement, FakeChannels], Registry]


@pytest.fixture
async def reading() -> AsyncIterator[Look]:
    """Return what makes registries that are closed in the end."""
    made: list[Registry] = []

    def read(url: str, where: Placement, channels: FakeChannels) -> Registry:
        made.append(Registry(url, where, channels))
        return made[-1]

    yield read
    for registry in made:
        await registry.close()


@pytest.fixture
async def redis(valkey: str) -> AsyncIterator[Redis]:
    """Return an empty Valkey."""
    client = Redis.from_url(valkey)
    await client.flushall()
    yield client
    await client.aclose()


async def test_workers_of_the_settings_are_always_there() -> None:
    """Whether they answer is found out by asking."""
    where = fixed(("a:1", "b:2"))
    assert set(where.addresses) == {"a:1", "b:2"}
    assert sorted(where.order(7)) == ["a:1", "b:2"]
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await where.until_gone("a:1")


async def test_workers_come_and_go(valkey: str, redis: Redis, reading: Look) -> None:
    """A process that replaces another one has another address under the same name."""
    where, channels = Placement(), FakeChannels()
    registry = reading(valkey, where, channels)
    await registry.look()
    assert list(where.addresses) == []
    for entry in (an_entry(0, 1), an_entry(1, 2)):
        await announce(redis, entry)
    await registry.look()
    assert list(where.addresses) == ["127.0.0.1:1", "127.0.0.1:2"]
    gone = asyncio.create_task(where.until_gone("127.0.0.1:2"))
    await asyncio.sleep(0)
    await announce(redis, an_entry(1, 3))
    await registry.look()
    await asyncio.wait_for(gone, 5)
    assert list(where.addresses) == ["127.0.0.1:1", "127.0.0.1:3"]


async def test_a_silent_worker_is_gone_unless_it_answers(
    valkey: str, redis: Redis, reading: Look
) -> None:
    """One that merely can not reach Redis keeps its sessions."""
    where, channels = Placement(), FakeChannels()
    registry = reading(valkey, where, channels)
    await announce(redis, an_entry(0, 1))
    await registry.look()
    await redis.delete(key_of("worker-0"))
    channels.alive.add("127.0.0.1:1")
    await registry.look()
    assert list(where.addresses) == ["127.0.0.1:1"]
    channels.alive.clear()
    await registry.look()
    assert list(where.addresses) == []


async def test_while_redis_is_away_the_last_list_stays(tmp_path: Path, reading: Look) -> None:
    """When it is back and empty, workers first get the time to announce themselves."""
    (port,) = free_ports(1)
    url, address = f"redis://127.0.0.1:{port}/0", Address("127.0.0.1", port)
    where, channels = Placement(), FakeChannels()
    registry = reading(url, where, channels)
    with valkey_at(address, tmp_path):
        client = Redis.from_url(url)
        await announce(client, an_entry(0, 1))
        await client.aclose()
        await registry.look()
    await registry.look()
    assert list(where.addresses) == ["127.0.0.1:1"]
    with valkey_at(address, tmp_path):
        await registry.look()
        assert list(where.addresses) == ["127.0.0.1:1"]
        registry._believes_from_s = 0.0  # the time is over
        await registry.look()
        assert list(where.addresses) == []


async def test_an_entry_that_can_not_be_read_is_passed_over(
    valkey: str, redis: Redis, reading: Look
) -> None:
    """A newer version's, perhaps; the others are used."""
    where = Placement()
    registry = reading(valkey, where, FakeChannels())
    await announce(redis, an_entry(0, 1))
    await redis.sadd(KEY, "worker-1")
    await redis.set(key_of("worker-1"), b"{")
    await registry.look()
    assert list(where.addresses) == ["127.0.0.1:1"]


def test_the_settings_can_leave_it_to_the_workers() -> None:
    """With one word in place of addresses."""
    assert placement.is_announced(("registry",))
    assert not placement.is_announced(("127.0.0.1:50051",))
