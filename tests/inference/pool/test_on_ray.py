"""The pool itself, with a Ray that the test holds in its hands."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from rapt.errors import Fault, Misconfigured
from rapt.placement import WorkerEntry
from structlog.testing import capture_logs

from inference.config import InferenceConfig
from inference.pool import on_ray
from inference.pool.actor import Report
from inference.pool.local import Load
from inference.pool.on_ray import Pool
from inference.pool.room import Resources
from inference.pool.slots import Slot, free_number, signs_of
from tests.inference.calling import WITHIN_S


@dataclass
class Actor:
    """One that never was."""

    config: InferenceConfig
    pid: int
    report: Report | None = None
    is_stopped: bool = False

    def say(self, **changes: Any) -> None:
        """Be ready, in some way."""
        entry = WorkerEntry(name=self.config.name, address="127.0.0.1:1", **changes)
        self.report = Report(self.pid, entry)


@dataclass
class FakeCluster:
    """Begins actors that say what the test lets them say."""

    is_ready_at_once: bool = True
    failure: str = ""
    room: int = 2
    actors: list[Actor] = field(default_factory=list)
    about: dict[str, Any] = field(default_factory=dict)
    may_stop: asyncio.Event = field(default_factory=asyncio.Event)

    def room_for(self, _: InferenceConfig) -> int:
        """Return what the test says."""
        return self.room

    def needs_of(self, config: InferenceConfig) -> Resources:
        """Return what the settings say."""
        return Resources(config.worker_cpus, config.worker_gpus)

    def free(self) -> Resources:
        """Return that all is taken."""
        return Resources(0.0, 0.0)

    def begin(self, config: InferenceConfig, _: Load) -> Actor:
        """Begin an actor."""
        self.actors.append(Actor(config, pid=len(self.actors) + 1))
        if self.failure:
            self.actors[-1].report = Report(1, None, self.failure)
        elif self.is_ready_at_once:
            self.actors[-1].say()
        return self.actors[-1]

    async def ask(self, handle: Actor) -> Report | None:
        """Return what it says."""
        return handle.report

    def restart(self, handle: Actor) -> None:
        """Let another process answer in its place."""
        handle.pid += 100
        handle.say()

    async def stop(self, handle: Actor, *, within_s: float) -> bool:
        """Stop it when the test lets it."""
        assert within_s > 0
        await self.may_stop.wait()
        handle.is_stopped = True
        return True

    @property
    def names(self) -> list[str]:
        """Those that run."""
        return [actor.config.name for actor in self.actors if not actor.is_stopped]


class FakeFront:
    """Hears whether the pool is ready."""

    def __init__(self) -> None:
        self.said: list[bool] = []

    async def tell(self, *, is_ready: bool) -> None:
        """Hear."""
        self.said.append(is_ready)


def a_config(**changes: Any) -> InferenceConfig:
    """Return settings of a pool."""
    return InferenceConfig(store_url="http://w:x@h/rapt", listen="127.0.0.1:7000", **changes)


def a_pool(cluster: FakeCluster, config: InferenceConfig, front: FakeFront | None = None) -> Pool:
    """Return a pool of fakes."""
    fakes: Any = (cluster, front or FakeFront())  # they have the shape, not the name
    nothing: Any = None
    return Pool(config, fakes[0], fakes[1], nothing)


@asynccontextmanager
async def running(pool: Pool, cluster: FakeCluster) -> AsyncIterator[None]:
    """Run a pool until the body is done."""
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(pool.run(stop))
        try:
            yield
        finally:
            cluster.may_stop.set()
            stop.set()


async def until(claim: Any) -> None:
    """Wait until a claim holds."""
    async with asyncio.timeout(WITHIN_S):
        while not claim():  # noqa: ASYNC110  it is looked at, as the pool looks
            await asyncio.sleep(0.005)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look a hundred times a second."""
    monkeypatch.setattr(on_ray, "LOOK_S", 0.01)


async def test_each_worker_has_its_own_name_folder_and_port() -> None:
    """And all are ended with the pool."""
    cluster = FakeCluster()
    config = a_config(spool="/spool", metrics_listen="127.0.0.1:0")
    async with running(a_pool(cluster, config), cluster):
        await until(lambda: len(cluster.actors) == 2)
        settings = [actor.config for actor in cluster.actors]
    assert [one.name for one in settings] == ["worker-0", "worker-1"]
    assert [one.spool for one in settings] == ["/spool/worker-0", "/spool/worker-1"]
    assert {(one.listen, one.metrics_listen) for one in settings} == {("127.0.0.1:0",) * 2}
    assert cluster.names == []


async def test_the_pool_is_ready_while_a_worker_is() -> None:
    """Whoever waits for it asks its health service."""
    cluster, front = FakeCluster(is_ready_at_once=False), FakeFront()
    async with running(a_pool(cluster, a_config(), front), cluster):
        await until(lambda: front.said == [False] * len(front.said) and len(front.said) > 1)
        cluster.actors[1].say()
        await until(lambda: front.said[-1])


async def test_a_shortage_brings_a_worker_and_ease_takes_it_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The one that came last leaves first, and only when its sessions have moved."""
    monkeypatch.setattr("inference.pool.scaling.SHORT_FOR_S", 0.05)
    monkeypatch.setattr("inference.pool.scaling.EASY_FOR_S", 0.05)
    cluster = FakeCluster()
    async with running(a_pool(cluster, a_config(max_workers=3)), cluster):
        await until(lambda: len(cluster.actors) == 2)
        cluster.actors[0].say(fresh_share=0.5)
        await until(lambda: cluster.names == ["worker-0", "worker-1", "worker-2"])
        for actor in cluster.actors:
            actor.say(load=0.05)
        await asyncio.sleep(0.3)
        assert len(cluster.actors) == 3  # while one leaves, its name is not given away
        cluster.may_stop.set()
        await until(lambda: cluster.names == ["worker-0"])


async def test_a_worker_without_room_is_told_of_and_given_up_at_ease(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The operator reads once what it needs and what is free; the other two stay."""
    monkeypatch.setattr("inference.pool.slots.PLACED_WITHIN_S", 0.05)
    monkeypatch.setattr("inference.pool.scaling.EASY_FOR_S", 0.1)

    class Full(FakeCluster):
        def begin(self, config: InferenceConfig, load: Load) -> Actor:
            actor = super().begin(config, load)
            if len(self.actors) <= self.room:
                actor.say(load=0.6)
            return actor

    cluster = Full(is_ready_at_once=False)
    cluster.may_stop.set()
    with capture_logs() as logs:
        config = a_config(workers=3, min_workers=2)
        async with running(a_pool(cluster, config), cluster):
            await until(lambda: len(cluster.actors) == 3)
            await until(lambda: cluster.names == ["worker-0", "worker-1"])
    larger = [log for log in logs if log["event"] == "pool_larger_than_cluster"]
    assert [(log["workers"], log["room"]) for log in larger] == [(3, 2)]
    told = [log for log in logs if log["event"] == "worker_waits_for_room"]
    needs = [(log["worker"], log["needs_gpus"], log["free_gpus"]) for log in told]
    assert needs == [("worker-2", 1.0, 0.0)]


async def test_a_worker_that_answers_no_more_is_begun_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its process is there, so Ray sees nothing amiss; the other one is left alone."""
    monkeypatch.setattr("inference.pool.slots.SILENT_S", 0.05)
    cluster, front = FakeCluster(), FakeFront()
    with capture_logs() as logs:
        async with running(a_pool(cluster, a_config(), front), cluster):
            await until(lambda: True in front.said)  # both have answered
            cluster.actors[1].report = None
            await until(lambda: [actor.pid for actor in cluster.actors] == [1, 102])
            await until(lambda: any(log["event"] == "worker_restarted" for log in logs))
    assert [log["pid"] for log in logs if log["event"] == "worker_frozen"] == [2]


async def test_settings_that_no_worker_can_begin_with_end_the_pool() -> None:
    """With the worker's own sentence."""
    cluster = FakeCluster(failure="the models are not built")
    with pytest.raises(ExceptionGroup) as caught:
        await a_pool(cluster, a_config()).run(asyncio.Event())
    assert isinstance(caught.value.exceptions[0], Misconfigured)
    assert "not built" in str(caught.value.exceptions[0])


async def test_a_pool_that_gets_no_room_gives_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """An operator shall hear of it."""
    monkeypatch.setattr(on_ray, "START_S", 0.05)
    cluster = FakeCluster(is_ready_at_once=False)
    cluster.may_stop.set()
    with pytest.raises(ExceptionGroup) as caught:
        await a_pool(cluster, a_config()).run(asyncio.Event())
    assert isinstance(caught.value.exceptions[0], Fault)


async def test_without_redis_there_is_no_pool() -> None:
    """Nobody would find its workers."""
    with pytest.raises(Misconfigured, match="REDIS_URL"):
        await on_ray.serve(a_config(), asyncio.Event())


def test_a_new_process_is_a_restart_and_its_counts_begin_anew() -> None:
    """What the old one refused is not refused again."""
    slot = Slot(0, None)
    entry = WorkerEntry(name="worker-0", address="a:1", refused=3)
    assert slot.take(Report(10, entry), 0.0) == 3
    assert slot.take(Report(10, entry), 0.0) == 0
    assert slot.take(None, 0.0) == 0
    assert not slot.is_ready
    assert slot.take(Report(11, WorkerEntry(name="worker-0", address="a:2", refused=1)), 0.0) == 1
    assert slot.restarts == 1


def test_the_worst_worker_speaks_for_the_pool() -> None:
    """One bad worker is not averaged away."""
    slots = [Slot(number, None) for number in range(3)]
    slots[0].take(Report(1, WorkerEntry(name="a", address="", fresh_share=0.5, load=0.2)), 0.0)
    slots[1].take(Report(2, WorkerEntry(name="b", address="", age_p95_s=2.0, load=0.6)), 0.0)
    signs = signs_of(slots, 0.0, refused=1)
    assert (signs.ready, signs.warming, signs.refused) == (2, 1, 1)
    assert (signs.fresh_share, signs.age_p95_s) == (0.5, 2.0)
    assert signs.load == pytest.approx(0.4)


def test_the_lowest_free_number_is_given() -> None:
    """So names, and the spools behind them, are used again."""
    assert free_number([], []) == 0
    assert free_number([Slot(0, None), Slot(2, None)], []) == 1
    assert free_number([Slot(0, None)], [1]) == 2
