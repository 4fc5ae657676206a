"""A server under test: how it is started, when it is ready, what it takes, how it ends."""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from rapt.errors import Unavailable
from rapt.leash import leashed

from benchmarks.load.job import Target
from benchmarks.servers.inside.sleep_model import Counts, counts_of
from benchmarks.usage import Tree, tree_of

READY_WITHIN_S = 120.0
ENDS_WITHIN_S = 15.0
LAST_WORDS = 15  # lines of a server that failed

Probe = Callable[[], Awaitable[bool]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What every server is given."""

    scale: float
    """Of the model's sleep."""
    picture: bytes
    """What every frame is; servers that want to know sizes before learn it from this."""
    is_tuned: bool = False
    """Whether its knobs are set by hand for this load, or as they come."""

    def name(self, server: str) -> str:
        """Return what a server is called with this setting."""
        return f"{server}_tuned" if self.is_tuned else server


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """One server with one setting of its knobs."""

    name: str
    command: Sequence[str]
    target: Target
    probe: Probe
    """Whether it answers."""
    counts: Path | None
    """Where its sleep model counts; None when it runs another model."""
    environ: Mapping[str, str] = field(default_factory=dict)
    """Beside our own environment."""
    folder: Path
    """Its working directory; its words go into a file there."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a server has done and taken so far."""

    at_s: float
    tree: Tree
    counts: Counts


@dataclass(frozen=True, slots=True)
class Server:
    """A running server."""

    recipe: Recipe
    pid: int

    def reading(self) -> Reading:
        """Measure it now."""
        counts = counts_of(self.recipe.counts) if self.recipe.counts else Counts(0, 0, 0.0, 0)
        return Reading(time.monotonic(), tree_of(self.pid), counts)


@asynccontextmanager
async def running(recipe: Recipe) -> AsyncIterator[Server]:
    """Start a server, wait until it answers, and end it with everything that it started.

    Raises:
        Unavailable: it did not get ready; says its last words.
    """
    words = recipe.folder / f"{recipe.name}.log"
    with words.open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *leashed(recipe.command),
            cwd=recipe.folder,
            env={**os.environ, **recipe.environ},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # Ctrl-C reaches us alone; we end it
        )
    try:
        await _ready(recipe, process, words)
        yield Server(recipe, process.pid)
    finally:
        await asyncio.shield(_end(process))


async def _ready(recipe: Recipe, process: asyncio.subprocess.Process, words: Path) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(READY_WITHIN_S):
            while process.returncode is None:
                if await recipe.probe():
                    return
                await asyncio.sleep(0.1)
    raise Unavailable(f"{recipe.name} did not get ready; its last words:\n{_last(words)}")


def _last(words: Path) -> str:
    return "\n".join(words.read_text(errors="replace").splitlines()[-LAST_WORDS:])


async def _end(process: asyncio.subprocess.Process) -> None:
    """End a server; what it started and left behind is killed by its process id."""
    children = tree_of(process.pid).started_s
    if process.returncode is None:
        process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), ENDS_WITHIN_S)
        except TimeoutError:
            process.kill()
            await process.wait()
    for pid, started_s in children.items():
        if tree_of(pid).started_s.get(pid) == started_s:  # not another one with the same number
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def answers_at(url: str) -> Probe:
    """Return a probe that asks for a page."""

    async def probe() -> bool:
        try:
            async with httpx.AsyncClient(trust_env=False, timeout=2) as http:
                return (await http.get(url)).is_success
        except httpx.TransportError:
            return False

    return probe


def appears(path: Path) -> Probe:
    """Return a probe for a server that makes a file when it is ready."""

    async def probe() -> bool:
        return path.exists()  # noqa: ASYNC240  # of our own disk

    return probe
