"""A pool of two on real Ray, and a lesson that is measured by it."""

import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
from rapt.cli.ports import free_ports
from rapt.cli.top.places import announced
from rapt.leash import leashed
from rapt.placement import ANNOUNCED, WorkerEntry, key_of
from redis import Redis

from tests.analytics.process import StoreProcess
from tests.e2e.students import Lesson, lesson_before, until
from tests.gateway.running import config_for
from tests.waiting import wait_until

START_S = 90.0
STOP_S = 60.0


@dataclass(frozen=True, slots=True)
class Pool:
    """A pool of two workers on Ray, and where they announce themselves."""

    process: subprocess.Popen[bytes]
    redis_url: str
    log: Path

    def ready(self) -> list[WorkerEntry]:
        """Return the workers that take sessions."""
        return [entry for entry in announced(self.redis_url) if entry.state == "ready"]

    def busiest(self) -> WorkerEntry:
        """Return the worker with the most sessions."""
        return max(self.ready(), key=lambda entry: entry.streams)

    def kill(self, entry: WorkerEntry) -> None:
        """End a worker's process without a warning."""
        os.kill(entry.pid, signal.SIGKILL)

    def take_over(self, entry: WorkerEntry) -> None:
        """Announce a newer process of the same name: the worker shall let its sessions go."""
        newer = msgspec.structs.replace(entry, fence=entry.fence + 1, state="draining")
        with Redis.from_url(self.redis_url) as redis:
            redis.set(key_of(entry.name), msgspec.json.encode(newer), px=2000)


@contextmanager
def pool_of_two(module: str, data: Path, **settings: str) -> Iterator[Pool]:
    """Run a pool until the body is done; nothing of it may be left behind."""
    data.mkdir(parents=True, exist_ok=True)
    ours = {f"RAPT_INFERENCE_{name.upper()}": value for name, value in settings.items()}
    environ = {k: v for k, v in os.environ.items() if not k.startswith("RAPT_")} | ours
    log = data / "pool.log"
    with log.open("wb") as file:
        process = subprocess.Popen(
            leashed([sys.executable, "-m", module]), env=environ, stdout=file, stderr=file
        )
    pool = Pool(process, settings["redis_url"], log)
    try:
        wait_until(lambda: process.poll() is not None or len(pool.ready()) == 2, "two", START_S)
        assert process.poll() is None, log.read_text()
        yield pool
    finally:
        process.terminate()
        process.wait(STOP_S)
    assert announced(pool.redis_url) == ()


@asynccontextmanager
async def lesson_of(
    students: int, folder: Path, redis_url: str
) -> AsyncIterator[tuple[Lesson, Pool]]:
    """Hold a lesson on a pool of two; it is over, and everything is stored, after the body."""
    with StoreProcess(folder / "store") as store:
        settings = {
            "listen": f"127.0.0.1:{free_ports(1)[0]}",
            "redis_url": redis_url,
            "store_url": store.url(),
            "spool": str(folder / "spool"),
            "pool": "ray",
            "workers": "2",
        }
        with pool_of_two("tests.e2e.small_pool", folder / "pool", **settings) as pool:
            config = config_for(folder / "gateway", ANNOUNCED, redis_url=redis_url)
            async with lesson_before(config, students) as lesson:
                yield lesson, pool
            await until(lambda: len(pool.ready()) == 2, "both workers are there")
        await lesson.read_facts(store)
