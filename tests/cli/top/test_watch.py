"""What runs is found, read and drawn; what does not run is said."""

import asyncio
import io
import os
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from prometheus_client import CollectorRegistry, Counter, Gauge
from rapt import explained
from rapt.cli.ports import free_ports
from rapt.cli.top import places, scrape
from rapt.cli.top.command import TopWishes, show_top
from rapt.cli.top.explanations import print_explanations
from rapt.cli.top.places import workers_of
from rapt.cli.top.watch import Picture
from rapt.endpoint import Endpoint
from rapt.errors import Unavailable
from rapt.explained import PATH, ExplainedPlan
from rapt.placement import WorkerEntry
from rapt.running import Running, write_running
from redis.asyncio import Redis
from rich.console import Console

from inference.pool import registry as registries
from inference.pool.registry import RedisRegistry
from tests.cli.test_app import rapt

PLAN = ExplainedPlan(
    ago_s=0.5, cut="full", waiting=9, batch=8, bucket=8, expired=0, load=0.9, oldest_s=0.03,
    waits_s=0, prepare_s=0.002, queue_s=0.031, run_s=0.02,
)  # fmt: skip


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let everyone who is there take their time on a busy machine; nobody's word grows old."""
    for module, name in (
        (scrape, "ANSWER_S"),
        (explained, "ANSWER_S"),
        (places, "REDIS_S"),
        (registries, "WRITE_S"),
        (registries, "LIFE_S"),
    ):
        monkeypatch.setattr(module, name, 120.0)


class Process:
    """A process that shows a few metrics."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.endpoint = Endpoint("127.0.0.1:0", self.registry, setting="")
        self.endpoint.show(PATH, lambda: [PLAN])

    @property
    def url(self) -> str:
        """Where."""
        return f"http://{self.endpoint.address}/metrics"


@pytest.fixture
def process() -> Iterator[Process]:
    """Return one that ends with the test."""
    process = Process()
    yield process
    process.endpoint.close()


@pytest.fixture
def worker() -> Iterator[Process]:
    """Return another one."""
    worker = Process()
    Gauge("rapt_streams_open", "", registry=worker.registry).set(12)
    Counter("rapt_frames_received", "", registry=worker.registry).inc()
    device = Gauge("rapt_device_info", "", ["provider"], registry=worker.registry)
    device.labels("CPUExecutionProvider").set(1)
    yield worker
    worker.endpoint.close()


def runs(data: Path, redis_url: str = "", **metrics: str) -> None:
    """Write what `./rapt up` would write."""
    running = Running(
        pid=os.getpid(), gateway_url="", inference_address="", store_url="", redis_url=redis_url,
        local_token="sesame", pids={}, metrics=metrics,  # noqa: S106  a test's own
    )  # fmt: skip
    write_running(data, running)


def top(data: Path, *, is_json: bool = False, width: int = 100) -> str:
    """Return what one look prints."""
    page = io.StringIO()
    wishes = TopWishes(data, 0.1, is_once=True, is_json=is_json)
    show_top(wishes, Console(file=page, width=width))
    return page.getvalue()


def test_nothing_running_is_said_in_one_sentence(tmp_path: Path) -> None:
    """With what to do about it, and exit status 1."""
    for command in ("top", "explain"):
        done = rapt(command, "--data", str(tmp_path))
        assert done.returncode == 1
        assert done.stderr.replace("\n", " ").startswith("rapt: nothing runs with the data folder")
        assert "./rapt up" in done.stderr


@pytest.mark.parametrize("width", [80, 100])
def test_the_page_fits_a_terminal(tmp_path: Path, worker: Process, width: int) -> None:
    """No line is wrapped and no head is cut."""
    runs(tmp_path, inference=worker.url)
    page = top(tmp_path, width=width)
    assert all(len(line.rstrip()) <= width for line in page.splitlines())
    assert "…" not in page
    (row,) = [line for line in page.splitlines() if line.startswith("local")]
    assert row.split()[:2] == ["local", "12"]
    (devices,) = [line for line in page.splitlines() if line.startswith("devices")]
    assert devices.split()[1:3] == ["CPU", "busy"]


def test_who_does_not_answer_is_named(tmp_path: Path, worker: Process) -> None:
    """The others are shown all the same."""
    runs(tmp_path, inference=worker.url, store=f"http://127.0.0.1:{free_ports(1)[0]}/metrics")
    page = top(tmp_path)
    assert "no answer from: store" in page
    assert "local" in page


def test_each_worker_of_a_pool_has_a_row(
    tmp_path: Path, process: Process, worker: Process, valkey: str
) -> None:
    """They are found in Redis; the pool's own endpoint is none of them."""
    Gauge("rapt_workers", "", ["state"], registry=process.registry).labels("ready").set(1)

    async def announce() -> None:
        async with Redis.from_url(valkey) as redis:
            await redis.flushall()  # workers of other tests
        registry = RedisRegistry(valkey)
        entry = WorkerEntry(name="worker-7", address="", metrics=str(worker.endpoint.address))
        assert await registry.announce(msgspec.structs.replace(entry, fence=1))
        await registry.close()

    asyncio.run(announce())
    runs(tmp_path, valkey, inference=process.url)
    picture = msgspec.json.decode(top(tmp_path, is_json=True), type=Picture)
    assert [one.name for one in picture.workers] == ["worker-7"]
    assert picture.together.streams == 12
    assert asyncio.run(workers_of(tmp_path)) == {"worker-7": str(worker.endpoint.address)}


def test_the_token_is_not_shown(tmp_path: Path, worker: Process) -> None:
    """Not even to a program."""
    runs(tmp_path, "redis://:sesame@127.0.0.1:1/0", inference=worker.url)
    assert "sesame" not in top(tmp_path) + top(tmp_path, is_json=True)


def test_a_worker_explains_its_batches(tmp_path: Path, worker: Process) -> None:
    """In words that a person understands."""
    runs(tmp_path, inference=worker.url)
    page = io.StringIO()
    print_explanations(tmp_path, 5, Console(file=page, width=200))
    assert "8 of 9 frames in bucket 8: the largest bucket was full" in page.getvalue()
    assert "queue 31.0 ms, prepare 2.0 ms, run 20.0 ms" in page.getvalue()


def test_services_that_stopped_are_nothing(tmp_path: Path) -> None:
    """A `run.json` that a killed process left is not believed."""
    runs(tmp_path)
    left = msgspec.json.decode((tmp_path / "run.json").read_bytes(), type=Running)
    write_running(tmp_path, msgspec.structs.replace(left, pid=2**22 + 1))
    with pytest.raises(Unavailable):
        top(tmp_path)
