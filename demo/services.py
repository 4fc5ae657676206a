"""The services that the class needs: those that run already, or a `./rapt up` of our own.

What we started we stop, however we end: the child is bound to our life by the kernel.
It builds nothing: whoever starts the demo by `./rapt demo` has models and pages already.
"""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import msgspec
from rapt.cli.ports import free_ports
from rapt.errors import Misconfigured, Unavailable
from rapt.leash import leashed
from rapt.running import Running, read_running

READY_WITHIN_S = 90.0
"""Ten seconds on an idle machine."""

STOPPED_WITHIN_S = 30.0
"""Every service flushes what it holds."""


@asynccontextmanager
async def running_services(
    data: Path, *, models: Path | None = None, port: int | None
) -> AsyncIterator[Running]:
    """Yield what runs with this data folder; start it before and stop it after, if nothing does.

    Args:
        data: the data folder.
        models: folder of the built models; None = the one in the data folder.
        port: of the gateway, if it must be started; None = the default one, 0 = any free one.

    Raises:
        Unavailable: the services did not get ready.
    """
    found = await _answering(data)
    if found is not None:
        yield found
        return
    child = await _start(data, models, port)
    try:
        yield await _ready(data, child)
    finally:
        await asyncio.shield(_stop(child))


async def _start(data: Path, models: Path | None, port: int | None) -> asyncio.subprocess.Process:
    command = [sys.executable, "-P", "-m", "rapt", "up", "--no-setup", "--data", str(data)]
    command += [] if port is None else ["--port", str(port or free_ports(1)[0])]
    command += [] if models is None else ["--models", str(models)]
    return await asyncio.create_subprocess_exec(
        *leashed(command),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C reaches us alone; we stop the child after the goodbyes
    )


async def _ready(data: Path, child: asyncio.subprocess.Process) -> Running:
    try:
        async with asyncio.timeout(READY_WITHIN_S):
            while child.returncode is None:
                found = await _answering(data)
                if found is not None and found.pid == child.pid:
                    return found
                await asyncio.sleep(0.1)
    except TimeoutError as error:
        raise Unavailable(
            f"the services were not ready within {READY_WITHIN_S:.0f} s; see {data / 'logs'}"
        ) from error
    raise Misconfigured(f"./rapt up ended with {child.returncode}; its words stand above")


async def _answering(data: Path) -> Running | None:
    """What `run.json` names, if it answers."""
    try:
        running = read_running(data)
        async with httpx.AsyncClient(trust_env=False, timeout=5) as http:
            answer = await http.get(f"{running.gateway_url}/readyz")
    except (Unavailable, OSError, msgspec.DecodeError, httpx.TransportError):
        return None  # `./rapt up` says what is wrong with the folder, if anything is
    return running if answer.is_success else None


async def _stop(child: asyncio.subprocess.Process) -> None:
    if child.returncode is not None:
        return
    child.send_signal(signal.SIGTERM)
    try:
        async with asyncio.timeout(STOPPED_WITHIN_S):
            await child.wait()
    except TimeoutError:
        child.kill()
        await child.wait()
