"""One of two workers is killed under load: when is everyone measured again, and what is stored?"""

import asyncio
import os
import secrets
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import msgspec
from rapt.cli.ports import free_ports
from rapt.errors import Unavailable
from rapt.leash import leashed

from analytics import queries
from analytics.scope import Scope
from analytics.store import open_store
from benchmarks.breaking.draining import SETTLE_VERDICTS, STREAMS, until_measured
from benchmarks.breaking.student import CONTENT, TENANT, Student
from benchmarks.breaking.worker import ended, worker_in

ACCOUNTS = ("writer", "reader")
STORE_S = 30.0
GO_ON_VERDICTS = 8


class Killed(msgspec.Struct, frozen=True):
    """What it cost."""

    again_after_kill_s: float
    """From SIGKILL to the next verdict, of the stream that waited longest."""
    kill_waits_s: list[float]
    """The same, of each stream, the shortest first."""
    facts: int
    facts_missing: int
    """Seconds without a fact, between a session's first and last."""
    facts_twice: int
    """Seconds that answers hold more than once."""
    rows_to_merge: int
    """Rows that the store has yet to replace: seconds that both workers wrote."""


async def kill(folder: Path, models: Path, picture: bytes) -> Killed:
    """Measure one death; a new process then sends what the dead one had on disk.

    Raises:
        Unavailable: a process did not get ready.
    """
    over = asyncio.Event()
    async with store_in(folder / "store") as urls:
        dead, stays = (worker_in(folder / name, models, store_url=urls["writer"]) for name in "ab")
        async with dead as victim, stays as other:
            students = [
                Student(number, picture, [victim.address, other.address])
                for number in range(1, STREAMS + 1)  # every second one begins with the victim
            ]
            async with asyncio.TaskGroup() as tasks:
                for student in students:
                    tasks.create_task(student.sit(over))
                await until_measured(students, 0.0, times=SETTLE_VERDICTS)
                killed_s = time.monotonic()
                victim.process.kill()
                await victim.process.wait()
                await until_measured(students, killed_s, times=GO_ON_VERDICTS)
                over.set()
        async with worker_in(folder / "a", models, store_url=urls["writer"]):
            pass  # sends what the dead one left
        stored = await _stored(urls["reader"], students)
    waits_s = sorted(round(student.next_after_s(killed_s), 2) for student in students)
    return Killed(waits_s[-1], waits_s, *stored)


async def _stored(url: str, students: list[Student]) -> tuple[int, int, int, int]:
    """Return how many facts there are, are missing, are there twice, and are yet to be merged."""
    missing = twice = 0
    async with open_store(url) as reader:
        scope = Scope(reader, TENANT)
        for student in students:
            facts = await queries.session_facts(scope, student.number, CONTENT)
            seconds = {fact.t_s for fact in facts}
            twice += len(facts) - len(seconds)
            missing += max(seconds) - min(seconds) + 1 - len(seconds) if seconds else 1
        totals = await queries.totals(scope, CONTENT)
    return totals.facts, missing, twice, totals.duplicate_facts


@asynccontextmanager
async def store_in(folder: Path) -> AsyncIterator[dict[str, str]]:
    """Run a store until the body is done; yields its addresses, by account.

    Raises:
        Unavailable: it did not get ready.
    """
    port, passwords = free_ports(1)[0], {name: secrets.token_hex(8) for name in ACCOUNTS}
    ours = {"LISTEN": f"127.0.0.1:{port}", "DATA": str(folder)}
    ours |= {f"{name.upper()}_PASSWORD": word for name, word in passwords.items()}
    environ = {k: v for k, v in os.environ.items() if not k.startswith("RAPT_")}
    environ |= {f"RAPT_ANALYTICS_{name}": value for name, value in ours.items()}
    with folder.with_suffix(".log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *leashed([sys.executable, "-m", "analytics", "serve"]),
            env=environ,
            stdout=log,
            stderr=log,
        )
    async with ended(process):
        await _answers(f"http://127.0.0.1:{port}/ping")
        yield {
            name: f"http://{name}:{word}@127.0.0.1:{port}/rapt" for name, word in passwords.items()
        }


async def _answers(url: str) -> None:
    """Wait until a page is there.

    Raises:
        Unavailable: it is not, in time.
    """
    until_s = time.monotonic() + STORE_S
    async with httpx.AsyncClient(trust_env=False, timeout=2) as http:
        while time.monotonic() < until_s:
            try:
                if (await http.get(url)).is_success:
                    return
            except httpx.TransportError:
                await asyncio.sleep(0.1)
    raise Unavailable(f"the store was not ready within {STORE_S:.0f} s")
