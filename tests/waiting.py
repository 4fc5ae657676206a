"""Waiting for something to become true, without a fixed sleep."""

import asyncio
import os
import time
from collections.abc import Callable

LOOK_AGAIN_S = 0.02
WITHIN_S = 60.0
"""No claim about speed: a machine may be busy with other tests."""


def wait_until(claim: Callable[[], bool], what: str, within_s: float = WITHIN_S) -> None:
    """Return as soon as the claim holds; fail with `what` when it never does."""
    late_s = time.monotonic() + within_s
    while not claim():
        assert time.monotonic() < late_s, f"not within {within_s:.0f} s: {what}"
        time.sleep(LOOK_AGAIN_S)


async def until(claim: Callable[[], bool], what: str, within_s: float = WITHIN_S) -> None:
    """Wait for the same, and let this loop go on meanwhile."""
    late_s = time.monotonic() + within_s
    while not claim():
        assert time.monotonic() < late_s, f"not within {within_s:.0f} s: {what}"
        await asyncio.sleep(LOOK_AGAIN_S)


def is_alive(pid: int) -> bool:
    """Tell whether the process runs; one that ended and was not collected yet does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:  # noqa: PTH123  may vanish
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return not os.path.isdir("/proc/self")  # noqa: PTH112  no /proc: trust the signal
