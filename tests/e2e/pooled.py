"""A pool on real Ray, and a lesson that is measured by it."""

import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec
from rapt.cli.ports import free_ports
from rapt.cli.top.places import announced
from rapt.leash import leashed
from rapt.placement import ANNOUNCED, WorkerEntry, key_of
from redis import Redis

from benchmarks.usage import tree_of
from tests.analytics.process import StoreProcess
from tests.e2e.students import PICTURE, Lesson, lesson_before, until
from tests.gateway.running import config_for
from tests.waiting import wait_until

SMALL = "tests.e2e.small_pool"
START_S = 90.0
STOP_S = 60.0


@dataclass(frozen=True, slots=True)
class Pool:
    """A pool of workers on Ray, and where they announce themselves."""

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

    def stored_bytes(self, *, put: int = 0) -> int:
        """Return the size of all objects that Ray's store ever held, after one more is put."""
        option, words = "--gcs-address=", list[str]()
        for pid in tree_of(self.process.pid).started_s:
            with suppress(OSError):  # it has ended meanwhile
                said = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
                words += [word for word in said if word.startswith(option)]
        command = [sys.executable, "-m", "tests.e2e.ray_store", words[0].removeprefix(option)]
        done = subprocess.run(
            [*command, "--put", str(put)],
            env=os.environ | {"RAY_AUTH_MODE": "token"},
            capture_output=True,
            text=True,
            check=False,
            timeout=START_S,
        )
        assert done.returncode == 0, done.stderr
        return int(done.stdout.splitlines()[-1])

    def take_over(self, entry: WorkerEntry) -> None:
        """Announce a newer process of the same name: the worker shall let its sessions go."""
        newer = msgspec.structs.replace(entry, fence=entry.fence + 1, state="draining")
        with Redis.from_url(self.redis_url) as redis:
            redis.set(key_of(entry.name), msgspec.json.encode(newer), px=2000)


@contextmanager
def pool_of(ready: int, module: str, data: Path, **settings: str) -> Iterator[Pool]:
    """Run a pool until the body is done; nothing of it may be left behind.

    Args:
        ready: how many workers there are when the body begins.
        module: the program.
        data: folder for its log.
        settings: of the pool.
    """
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
        wait_until(
            lambda: process.poll() is not None or len(pool.ready()) == ready, "ready", START_S
        )
        assert process.poll() is None, log.read_text()
        yield pool
    finally:
        process.terminate()
        process.wait(STOP_S)
    wait_until(lambda: announced(pool.redis_url) == (), "nobody says any more that it is there")


@asynccontextmanager
async def lesson_of(
    students: int,
    folder: Path,
    redis_url: str,
    *,
    module: str = SMALL,
    picture: bytes = PICTURE,
    **changes: str,
) -> AsyncIterator[tuple[Lesson, Pool]]:
    """Hold a lesson on a pool, of two by default; it is over, and all is stored, after the body."""
    with StoreProcess(folder / "store") as store:
        settings = {
            "listen": f"127.0.0.1:{free_ports(1)[0]}",
            "redis_url": redis_url,
            "store_url": store.url(),
            "spool": str(folder / "spool"),
            "pool": "ray",
            "workers": "2",
            "min_workers": "2",  # a minute at ease is no reason for a test to lose one
            **changes,
        }
        ready = int(settings["min_workers"])
        with pool_of(ready, module, folder / "pool", **settings) as pool:
            config = config_for(folder / "gateway", ANNOUNCED, redis_url=redis_url)
            async with lesson_before(config, students, picture=picture) as lesson:
                yield lesson, pool
            await until(lambda: len(pool.ready()) == ready, "the workers are there")
        await lesson.read_facts(store)
