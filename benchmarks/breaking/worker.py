"""A real worker process that is about to be treated badly."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import grpc
import httpx
from rapt.address import Address
from rapt.channel import FRESH
from rapt.cli.ports import free_ports
from rapt.errors import Unavailable
from rapt.leash import leashed

from benchmarks.usage import usage_of

NOWHERE = "http://w:x@127.0.0.1:9/rapt"
"""No store answers there: rows stay in the spool."""
REAL = ("inference", "serve")
READY_S = 90.0
ENDS_S = 30.0
ANSWERS_S = 60.0


@dataclass(frozen=True, slots=True)
class Worker:
    """A running worker."""

    process: asyncio.subprocess.Process
    address: str
    metrics: str
    """Address of its page of metrics."""

    def channel(self) -> grpc.aio.Channel:
        """Return a connection of its own, made as a gateway makes it."""
        return channel_to(self.address)

    def memory_mb(self) -> float:
        """Return what it holds in memory."""
        return usage_of({"worker": self.process.pid})["worker"].memory_mb

    async def metric(self, series: str) -> float:
        """Return the sum of a series over its labels; 0 when it was never counted."""
        async with httpx.AsyncClient(trust_env=False, timeout=ANSWERS_S) as http:
            text = (await http.get(f"http://{self.metrics}/metrics")).text
        lines = (line.rpartition(" ") for line in text.splitlines())
        return sum(float(value) for name, _, value in lines if name.split("{")[0] == series)


def channel_to(address: str) -> grpc.aio.Channel:
    """Return a connection of its own, made as a gateway makes it."""
    own = ("grpc.use_local_subchannel_pool", 1)
    return grpc.aio.insecure_channel(address, options=(*FRESH, own))


@asynccontextmanager
async def worker_in(
    folder: Path, models: Path, *, store_url: str = NOWHERE, program: Sequence[str] = REAL
) -> AsyncIterator[Worker]:
    """Run a worker until the body is done; its rows and words stay in the folder.

    Args:
        folder: that is its own.
        models: built ones.
        store_url: where its rows go.
        program: module that serves, and its arguments.

    Raises:
        Unavailable: it did not get ready.
    """
    folder.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240  of our own disk
    address, metrics = (str(Address("127.0.0.1", port)) for port in free_ports(2))
    ours = {
        "LISTEN": address,
        "METRICS_LISTEN": metrics,
        "MODELS": str(models),
        "SPOOL": str(folder / "spool"),
        "STORE_URL": store_url,
        "NETWORKS": "false",
    }
    environ = {k: v for k, v in os.environ.items() if not k.startswith("RAPT_")}
    environ |= {f"RAPT_INFERENCE_{name}": value for name, value in ours.items()}
    with (folder / "worker.log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            *leashed([sys.executable, "-m", *program]),
            env=environ,
            stdout=log,
            stderr=log,
        )
    async with ended(process):
        worker = Worker(process, address, metrics)
        async with worker.channel() as channel:
            try:
                await asyncio.wait_for(channel.channel_ready(), READY_S)
            except TimeoutError as error:
                raise Unavailable(f"a worker was not ready within {READY_S:.0f} s") from error
        yield worker


@asynccontextmanager
async def ended(process: asyncio.subprocess.Process) -> AsyncIterator[None]:
    """End a process after the body, however that ends."""
    try:
        yield
    finally:
        await asyncio.shield(_end(process))


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), ENDS_S)
        except TimeoutError:
            process.kill()
            await process.wait()
