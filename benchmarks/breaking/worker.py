"""A real worker process that is about to be treated badly."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import grpc
from rapt.address import Address
from rapt.channel import FRESH
from rapt.cli.ports import free_ports
from rapt.errors import Unavailable
from rapt.leash import leashed

from benchmarks.usage import usage_of

NOWHERE = "http://w:x@127.0.0.1:9/rapt"
"""No store answers there: rows stay in the spool."""
READY_S = 90.0
ENDS_S = 30.0


@dataclass(frozen=True, slots=True)
class Worker:
    """A running worker."""

    process: asyncio.subprocess.Process
    address: str

    def channel(self) -> grpc.aio.Channel:
        """Return a connection of its own, made as a gateway makes it."""
        return channel_to(self.address)

    def memory_mb(self) -> float:
        """Return what it holds in memory."""
        return usage_of({"worker": self.process.pid})["worker"].memory_mb


def channel_to(address: str) -> grpc.aio.Channel:
    """Return a connection of its own, made as a gateway makes it."""
    own = ("grpc.use_local_subchannel_pool", 1)
    return grpc.aio.insecure_channel(address, options=(*FRESH, own))


@asynccontextmanager
async def worker_in(
    folder: Path, models: Path, *, store_url: str = NOWHERE
) -> AsyncIterator[Worker]:
    """Run a worker until the body is done; its rows and words stay in the folder.

    Raises:
        Unavailable: it did not get ready.
    """
    folder.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240  of our own disk
    address = str(Address("127.0.0.1", free_ports(1)[0]))
    ours = {
        "LISTEN": address,
        "MODELS": str(models),
        "SPOOL": str(folder / "spool"),
        "STORE_URL": store_url,
        "NETWORKS": "false",
    }
    environ = {k: v for k, v in os.environ.items() if not k.startswith("RAPT_")}
    environ |= {f"RAPT_INFERENCE_{name}": value for name, value in ours.items()}
    with (folder / "worker.log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            *leashed([sys.executable, "-m", "inference", "serve"]),
            env=environ,
            stdout=log,
            stderr=log,
        )
    async with ended(process):
        worker = Worker(process, address)
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
