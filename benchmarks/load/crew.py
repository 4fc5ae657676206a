"""The sending processes: started before, told one moment to start, asked for what became of it."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
from rapt.errors import Unavailable
from rapt.leash import leashed

from benchmarks.load.job import Job, Target
from benchmarks.load.log import Log, Sent, joined
from benchmarks.load.schedule import Scenario, frames_per_stream

REPOSITORY = Path(__file__).resolve().parents[2]
READY_WITHIN_S = 60.0
LEAD_S = 0.5  # between the word and the start


@dataclass(slots=True)
class Crew:
    """Processes that have opened all their streams."""

    scenario: Scenario
    processes: list[asyncio.subprocess.Process]
    start_s: float = field(default=0.0, init=False)
    """When the schedule began, monotonic."""

    async def begin(self) -> None:
        """Give the word and wait for the start."""
        self.start_s = time.monotonic() + LEAD_S
        for process in self.processes:
            assert process.stdin is not None  # noqa: S101  # a pipe
            process.stdin.write(f"{self.start_s!r}\n".encode())
            await process.stdin.drain()
        await self.until(0.0)

    async def until(self, at_s: float) -> None:
        """Wait for a moment of the schedule."""
        await asyncio.sleep(max(self.start_s + at_s - time.monotonic(), 0.0))

    async def report(self) -> tuple[Log, float]:
        """Return what became of every frame, and the processor seconds that sending took.

        Raises:
            Unavailable: a process failed; its words stand above.
        """
        parts = []
        for process in self.processes:
            assert process.stdout is not None  # noqa: S101  # a pipe
            written = await process.stdout.read()
            if await process.wait() != 0:
                raise Unavailable("a sending process failed; its words stand above")
            parts.append(msgspec.msgpack.decode(written, type=Sent))
        log = joined(parts, frames_per_stream(self.scenario))
        return log, sum(part.cpu_s for part in parts)


@asynccontextmanager
async def crew(
    target: Target, scenario: Scenario, *, processes: int, picture: bytes, wait_s: float
) -> AsyncIterator[Crew]:
    """Start the processes, wait until all their streams are open, and leave none behind.

    Raises:
        Unavailable: a process could not open its streams.
    """
    started: list[asyncio.subprocess.Process] = []
    try:
        for first in range(processes):
            job = Job(
                target=target,
                scenario=scenario,
                first=first,
                of=processes,
                picture=picture,
                wait_s=wait_s,
            )
            started.append(await _start(job))
        for process in started:
            await _ready(process)
        yield Crew(scenario, started)
    finally:
        for process in started:
            if process.returncode is None:
                process.kill()
                await process.wait()


async def _start(job: Job) -> asyncio.subprocess.Process:
    process = await asyncio.create_subprocess_exec(
        *leashed([sys.executable, "-m", "benchmarks.load"]),
        cwd=REPOSITORY,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None  # noqa: S101  # a pipe
    process.stdin.write(msgspec.json.encode(job) + b"\n")
    await process.stdin.drain()
    return process


async def _ready(process: asyncio.subprocess.Process) -> None:
    assert process.stdout is not None  # noqa: S101  # a pipe
    try:
        line = await asyncio.wait_for(process.stdout.readline(), READY_WITHIN_S)
    except TimeoutError:
        line = b""
    if line != b"ready\n":
        raise Unavailable("a sending process could not open its streams; its words stand above")
