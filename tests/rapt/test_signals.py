"""What a process does when it is told to stop."""

import asyncio
import os
import signal
import subprocess
import sys

import pytest
from rapt.signals import STOP, on_stop

UNDER_UVICORN = """
import signal, uvicorn
from rapt.signals import leave_stop_to_uvicorn

class Server(uvicorn.Server):
    async def startup(self, sockets=None):
        await super().startup(sockets)
        signal.raise_signal(signal.{name})

async def app(scope, receive, send): ...

leave_stop_to_uvicorn()
Server(uvicorn.Config(app, port=0, lifespan="off", log_config=None)).run()
"""


@pytest.mark.parametrize("number", STOP)
async def test_a_signal_reaches_the_loop(number: signal.Signals) -> None:
    """Whoever waits goes on."""
    told = asyncio.Event()
    on_stop(told.set)
    try:
        os.kill(os.getpid(), number)
        async with asyncio.timeout(60):
            await told.wait()
    finally:
        for each in STOP:
            asyncio.get_running_loop().remove_signal_handler(each)


@pytest.mark.parametrize("number", STOP)
def test_a_process_with_uvicorn_ends_well(number: signal.Signals) -> None:
    """Exit status 0, not that of a killed one."""
    program = UNDER_UVICORN.replace("{name}", number.name)
    done = subprocess.run([sys.executable, "-c", program], timeout=120, check=False)
    assert done.returncode == 0
