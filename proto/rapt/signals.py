"""How does a process hear that it shall stop? SIGTERM from its starter, SIGINT from a terminal."""

import asyncio
import signal
from collections.abc import Callable

STOP = (signal.SIGTERM, signal.SIGINT)


def on_stop(act: Callable[[], object]) -> None:
    """Call this in the running loop whenever the process is told to stop."""
    loop = asyncio.get_running_loop()
    for number in STOP:
        loop.add_signal_handler(number, act)


def leave_stop_to_uvicorn() -> None:
    """Let a process that runs uvicorn end with its own exit status.

    uvicorn listens to both signals itself while it serves, and raises them again when it has
    stopped; unhandled, that would end the process with status 143.
    """
    for number in STOP:
        signal.signal(number, lambda *_: None)
