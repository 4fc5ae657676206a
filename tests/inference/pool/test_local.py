"""One worker from its settings, and what it says of itself in a real Valkey."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import grpc
import msgspec
import pytest
from rapt.config import load_config
from rapt.errors import Misconfigured
from rapt.placement import WorkerEntry, key_of
from redis.asyncio import Redis

from inference.config import PREFIX, InferenceConfig
from inference.models.folder import ModelFolder
from inference.perception.look import Look
from inference.pool.local import Loaded, own_address, serve
from inference.pool.local import load as load_models
from tests.inference.calling import GOOD, WITHIN_S, Call, a_frame
from tests.inference.fakes import FakePipeline


def a_config(spool: Path, **changes: str) -> InferenceConfig:
    """Return the settings of a worker whose store is away."""
    settings = {
        "listen": "127.0.0.1:0",
        "spool": str(spool),
        "store_url": "http://writer:x@127.0.0.1:9/rapt",
        "metrics_listen": "127.0.0.1:0",
        **changes,
    }
    environ = {PREFIX + name.upper(): value for name, value in settings.items()}
    return load_config(environ, InferenceConfig, prefix=PREFIX)


def load(_: InferenceConfig) -> Loaded:
    """Return a device that needs no models."""
    return Loaded(FakePipeline(), "small/1", warm_up=GOOD)


class Noting(FakePipeline):
    """Keeps what it was asked to look at."""

    def __init__(self) -> None:
        super().__init__()
        self.looks: list[Look] = []

    def prepare(self, jobs: Sequence[Look]) -> Sequence[Look]:
        """Keep them."""
        self.looks += jobs
        return super().prepare(jobs)


async def until(redis: Redis, name: str, state: str | None) -> WorkerEntry | None:
    """Wait until a worker announces a state, or nothing any more."""
    async with asyncio.timeout(WITHIN_S):
        while True:
            value = await redis.get(key_of(name))
            entry = None if value is None else msgspec.json.decode(value, type=WorkerEntry)
            if (entry.state if entry is not None else None) == state:
                return entry
            await asyncio.sleep(0.02)


async def test_a_worker_says_what_it_is_and_takes_its_word_back(
    tmp_path: Path, valkey: str
) -> None:
    """From its first word, when it is ready, to its last."""
    stop, told = asyncio.Event(), list[WorkerEntry]()
    config = a_config(tmp_path / "spool", redis_url=valkey, name="alone")
    async with asyncio.TaskGroup() as tasks, Redis.from_url(valkey) as redis:
        tasks.create_task(serve(config, stop, load=load, told=told.append))
        entry = await until(redis, "alone", "ready")
        assert entry is not None
        assert entry.address.startswith("127.0.0.1:")
        assert entry.metrics.startswith("127.0.0.1:")
        assert (entry.model, entry.device) == ("small/1", "FakeExecutionProvider")
        assert entry.capacity > 1
        stop.set()
        assert await until(redis, "alone", None) is None
    assert told[0].state == "warming"
    assert told[-1].state == "draining"


async def test_a_worker_whose_name_was_taken_stops_by_itself(tmp_path: Path, valkey: str) -> None:
    """No gateway would send it anyone."""
    stop = asyncio.Event()
    config = a_config(tmp_path / "spool", redis_url=valkey, name="twice")
    async with asyncio.TaskGroup() as tasks, Redis.from_url(valkey) as redis:
        serving = tasks.create_task(serve(config, stop, load=load))
        entry = await until(redis, "twice", "ready")
        assert entry is not None
        newer = msgspec.structs.replace(entry, fence=entry.fence + 1)
        await redis.set(key_of("twice"), msgspec.json.encode(newer), ex=600)
        await asyncio.wait_for(serving, WITHIN_S)
        held = await until(redis, "twice", "ready")
        assert held == newer
        await redis.flushall()  # others look for workers there, too


@pytest.mark.parametrize(
    ("changes", "host"),
    [
        pytest.param({}, "127.0.0.1", id="as it listens"),
        pytest.param({"advertise": "worker.example"}, "worker.example", id="as the settings say"),
    ],
)
async def test_gateways_are_told_an_address_that_they_reach(
    tmp_path: Path, changes: dict[str, str], host: str
) -> None:
    """And a worker without a name is called by it."""
    stop, told = asyncio.Event(), list[WorkerEntry]()

    def hear(entry: WorkerEntry) -> None:
        told.append(entry)
        stop.set()

    await serve(a_config(tmp_path / "spool", **changes), stop, load=load, told=hear)
    assert told[0].address.rpartition(":")[0] == host
    assert told[0].name == told[0].address


async def test_streams_are_asked_for_what_the_settings_say(tmp_path: Path) -> None:
    """How often, and whether a picture like the one before is measured."""
    device, stop, ready = Noting(), asyncio.Event(), asyncio.Queue[str]()

    def hear(entry: WorkerEntry) -> None:
        if entry.state == "ready":
            ready.put_nowait(entry.address)

    config = a_config(tmp_path / "spool", fps="8", reuse="true")
    async with asyncio.TaskGroup() as tasks:
        loaded = Loaded(device, "small/1", warm_up=GOOD)
        tasks.create_task(serve(config, stop, load=lambda _: loaded, told=hear))
        address = await asyncio.wait_for(ready.get(), WITHIN_S)
        async with grpc.aio.insecure_channel(address) as channel:
            call = Call(channel)
            assert (await call.opened()).control.target_fps_milli == 8000
            await call.send(frame=a_frame(1))
            await call.until("verdict")
        stop.set()
    assert [look.wants.reuse for look in device.looks[-1:]] == [True]


@pytest.mark.parametrize("fps", ["0.4", "10.5", "often"])
def test_a_rate_beyond_the_ladder_is_refused(tmp_path: Path, fps: str) -> None:
    """The start says so."""
    with pytest.raises(Misconfigured, match="fps"):
        a_config(tmp_path / "spool", fps=fps)


def test_a_machine_knows_its_own_address() -> None:
    """For workers that listen everywhere."""
    assert own_address().count(".") == 3


@pytest.mark.parametrize("is_allowed", [False, True])
def test_a_worker_offers_networks_of_expressions_only_where_it_was_told_to(
    tmp_path: Path, full_models: ModelFolder, *, is_allowed: bool
) -> None:
    """They are built in both cases."""
    config = a_config(
        tmp_path / "spool",
        models=str(full_models.path),
        provider="cpu",
        expression_networks=str(is_allowed).lower(),
    )
    offered = {"face_landmarks_v2", "blendshapes"} & set(load_models(config).networks)
    assert bool(offered) is is_allowed
