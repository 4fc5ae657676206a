"""Both hubs pass the same tests; the one on Redis survives its death."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from rapt.errors import Unavailable

from gateway.live.fanout import MAX_LOG, LogEntry, Resync, StateEntry, Subscription
from gateway.live.hub import Hub, MemoryHub
from gateway.live.redis_hub import RedisHub, stream_of
from gateway.metrics import Metrics
from tests.gateway.live.valkey import Valkey


@pytest.fixture
async def valkey(tmp_path: Path) -> AsyncIterator[Valkey]:
    """A Valkey that runs."""
    server = Valkey(tmp_path)
    await server.start()
    yield server
    await server.kill()


@asynccontextmanager
async def redis_hub(valkey: Valkey) -> AsyncIterator[RedisHub]:
    """A hub that hears the others."""
    hub = RedisHub(valkey.url, Metrics())
    await hub.start()
    await until(lambda: _is_true(hub.is_up))
    try:
        yield hub
    finally:
        await hub.stop()


async def _is_true(value: bool) -> bool:  # noqa: FBT001 - a predicate for `until`
    return value


async def until(claim: Callable[[], Awaitable[object]]) -> None:
    """Wait until the claim holds."""
    async with asyncio.timeout(60):
        while not await claim():  # noqa: ASYNC110 - what changes is in another process
            await asyncio.sleep(0.01)


async def heard(subscription: Subscription, count: int = 1) -> list[Any]:
    """Return the next so many entries."""
    entries: list[Any] = []
    async with asyncio.timeout(60):
        while len(entries) < count:
            entries += await subscription.next()
    return entries


@pytest.fixture(params=["memory", "redis", "two processes"])
async def pair(request: pytest.FixtureRequest, valkey: Valkey) -> AsyncIterator[tuple[Hub, Hub]]:
    """Who publishes and who hears; the same hub unless there are two processes."""
    if request.param == "memory":
        hub = MemoryHub()
        yield hub, hub
        return
    async with redis_hub(valkey) as one, redis_hub(valkey) as other:
        yield one, one if request.param == "redis" else other


class TestContract:
    """What every hub does."""

    async def test_a_state_is_heard(self, pair: tuple[Hub, Hub]) -> None:
        """Whoever listens to the topic gets the value, others do not."""
        speaker, listener = pair
        right, wrong = listener.subscribe("wall/1"), listener.subscribe("WALL/1")
        speaker.publish_state("wall/1", "a", b"1")
        assert await heard(right) == [StateEntry("a", b"1")]
        assert wrong.take() == []

    async def test_log_entries_are_heard_in_order(self, pair: tuple[Hub, Hub]) -> None:
        """Each once."""
        speaker, listener = pair
        subscription = listener.subscribe("chat/1")
        for number in range(20):
            await speaker.publish_log("chat/1", b"%d" % number)
        assert await heard(subscription, 20) == [LogEntry(b"%d" % n) for n in range(20)]

    async def test_a_slow_listener_gets_the_latest_state(self, pair: tuple[Hub, Hub]) -> None:
        """Values that were replaced are not heard."""
        speaker, listener = pair
        subscription = listener.subscribe("wall/1")
        for number in range(100):
            speaker.publish_state("wall/1", "a", b"%d" % number)
        entries = await heard(subscription)
        while entries[-1] != StateEntry("a", b"99"):
            entries += await heard(subscription)
        assert len(entries) < 100

    async def test_a_listener_far_behind_must_resync(self, pair: tuple[Hub, Hub]) -> None:
        """The log is bounded: what is lost is said."""
        speaker, listener = pair
        subscription = listener.subscribe("chat/1")
        witness = listener.subscribe("chat/1")
        for number in range(MAX_LOG + 10):
            await speaker.publish_log("chat/1", b"%d" % number)
            assert await heard(witness) == [LogEntry(b"%d" % number)]
        assert subscription.take()[0] == Resync()

    async def test_the_snapshot_has_the_latest_of_each_key(self, pair: tuple[Hub, Hub]) -> None:
        """A late listener asks for it; nothing comes unasked."""
        speaker, listener = pair
        for key, payload in (("a", b"1"), ("b", b"2"), ("a", b"3")):
            speaker.publish_state("wall/1", key, payload)

        async def is_there() -> bool:
            return await listener.snapshot("wall/1") == {"a": b"3", "b": b"2"}

        await until(is_there)
        late = listener.subscribe("wall/1")
        assert late.take() == []
        assert await listener.snapshot("wall/2") == {}

    async def test_who_left_hears_nothing(self, pair: tuple[Hub, Hub]) -> None:
        """The last one to leave takes the topic along."""
        speaker, listener = pair
        stays, goes = listener.subscribe("wall/1"), listener.subscribe("wall/1")
        listener.unsubscribe(goes)
        speaker.publish_state("wall/1", "a", b"1")
        await heard(stays)
        assert goes.take() == []
        listener.unsubscribe(stays)
        assert len(listener._fanout) == 0  # type: ignore[attr-defined] # both have one


@pytest.mark.parametrize("down_s", [1.0, pytest.param(5.0, marks=pytest.mark.long)])
async def test_the_hub_survives_the_death_of_redis(valkey: Valkey, down_s: float) -> None:
    """Afterwards both lanes work again, and listeners know that they missed something."""
    async with redis_hub(valkey) as one, redis_hub(valkey) as other:
        subscription = other.subscribe("wall/1")
        await one.publish_log("wall/1", b"before")
        assert await heard(subscription) == [LogEntry(b"before")]
        await valkey.kill()
        await asyncio.sleep(down_s)
        await valkey.start()
        await until(lambda: _is_true(one.is_up and other.is_up))
        assert await heard(subscription) == [Resync()]
        one.publish_state("wall/1", "a", b"after")
        await one.publish_log("wall/1", b"after")
        entries = await heard(subscription, 2)
        assert StateEntry("a", b"after") in entries
        assert LogEntry(b"after") in entries


async def test_without_redis_this_process_goes_on(valkey: Valkey) -> None:
    """States are heard here at once; a log entry that nobody would hear is refused."""
    async with redis_hub(valkey) as hub:
        subscription = hub.subscribe("wall/1")
        await valkey.kill()
        hub.publish_state("wall/1", "a", b"1")
        assert await heard(subscription) == [StateEntry("a", b"1")]
        with pytest.raises(Unavailable):
            await hub.publish_log("wall/1", b"lost")
        assert (await hub.state()).startswith("away")


async def test_a_hub_that_starts_before_redis_waits_for_it(tmp_path: Path) -> None:
    """Nothing fails at the start."""
    valkey = Valkey(tmp_path)
    hub = RedisHub(valkey.url, Metrics())
    await hub.start()
    subscription = hub.subscribe("chat/1")
    await valkey.start()
    await until(lambda: _is_true(hub.is_up))
    await hub.publish_log("chat/1", b"1")
    assert LogEntry(b"1") in await heard(subscription)
    await hub.stop()
    await valkey.kill()


def test_topics_spread_over_the_streams() -> None:
    """Every stream carries something."""
    assert len({stream_of(f"wall/{number}") for number in range(500)}) == 16
