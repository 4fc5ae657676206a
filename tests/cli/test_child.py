"""One service's process: its first start, its deaths, its end."""

import asyncio
import os
import signal
from pathlib import Path

import pytest
from rapt.cli.child import Child
from rapt.cli.services import Service
from rapt.cli.supervise import Supervisor
from rapt.errors import Fault

from tests.cli import toys
from tests.waiting import is_alive


async def until(event: asyncio.Event) -> None:
    """Wait, but not for ever."""
    async with asyncio.timeout(60):
        await event.wait()


async def test_a_child_that_dies_is_started_again(tmp_path: Path) -> None:
    """It gets another process id and is ready again."""
    pids: list[int] = []
    again = asyncio.Event()

    def changed() -> None:
        if child.is_ready and child.pid is not None and child.pid not in pids:
            pids.append(child.pid)
            if len(pids) == 1:
                (tmp_path / "toy.pid").unlink()
                os.kill(pids[0], signal.SIGKILL)
            else:
                again.set()

    child = Child(toys.toy(tmp_path, "toy"), tmp_path / "toy.log", changed)
    async with asyncio.TaskGroup() as group:
        group.create_task(child.keep())
        await until(again)
        assert child.deaths == 1
        await child.stop()
    assert not any(is_alive(pid) for pid in pids)


async def test_a_child_that_never_gets_ready_ends_the_start(tmp_path: Path) -> None:
    """The error repeats what the child said last, and the others are stopped."""
    services = [toys.toy(tmp_path, "well"), toys.toy(tmp_path, "broken", toys.BROKEN)]
    supervisor = Supervisor(services, tmp_path / "logs", on_change=lambda _: None)
    with pytest.raises(Fault, match="broken ended with status 1:\nthe toy has no battery"):
        await supervisor.run()
    assert [child.pid for child in supervisor.children] == [None, None]


async def test_a_child_that_does_not_listen_is_killed_after_its_grace(tmp_path: Path) -> None:
    """SIGTERM is ignored, SIGKILL can not be."""
    ready = asyncio.Event()

    def changed() -> None:
        if child.is_ready:
            ready.set()

    service: Service = toys.toy(tmp_path, "toy", toys.STUBBORN, stop_grace_s=0.1)
    child = Child(service, tmp_path / "toy.log", changed)
    async with asyncio.TaskGroup() as group:
        group.create_task(child.keep())
        await until(ready)
        pid = child.pid
        await child.stop()
    assert pid is not None
    assert not is_alive(pid)


async def test_stopping_a_child_that_waits_for_its_next_start_ends_the_wait(tmp_path: Path) -> None:
    """Nothing is started after `stop`."""
    dead = asyncio.Event()

    def changed() -> None:
        if child.is_ready and child.pid is not None:
            os.kill(child.pid, signal.SIGKILL)
        if child.deaths:
            dead.set()

    child = Child(toys.toy(tmp_path, "toy"), tmp_path / "toy.log", changed)
    async with asyncio.TaskGroup() as group:
        group.create_task(child.keep())
        await until(dead)
        await child.stop()
    assert child.pid is None
