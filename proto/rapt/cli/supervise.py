"""Keeps the services running together: all start at once, they stop in order, none is left behind.

The last of the services stops first, so that whoever writes can still reach whoever stores.
A second signal stops everything at once.
"""

import asyncio
import shutil
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from rapt.cli.child import Child
from rapt.cli.services import Service
from rapt.errors import Fault

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
LOG_BYTES = 8 * 1024 * 1024  # two of these per service at most
LOOK_AT_LOGS_S = 30.0

Watcher = Callable[[Sequence[Child]], None]


class Supervisor:
    """The services of one data folder."""

    def __init__(
        self,
        services: Sequence[Service],
        logs: Path,
        *,
        on_change: Watcher,
        lock: int | None = None,
    ) -> None:
        """Prepare to run the services.

        Args:
            services: in start order; they are stopped from the last to the first.
            logs: folder of their log files.
            on_change: called whenever a child starts, gets ready or dies.
            lock: descriptor of the data folder's lock, held by every child as long as it lives.
        """
        logs.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._logs = [logs / f"{service.name}.log" for service in services]
        for log in self._logs:
            shorten(log, limit_bytes=0)
        self._on_change = on_change
        self._stop = asyncio.Event()
        self.children = [
            Child(service, log, self._changed, lock=lock)
            for service, log in zip(services, self._logs, strict=True)
        ]

    async def run(self) -> None:
        """Run until a signal or `stop`, then stop every child.

        Signals that come later change nothing: whoever called us still has to clean up.

        Raises:
            Fault: a service did not get ready; everything else is stopped by then.
        """
        loop = asyncio.get_running_loop()
        for number in SIGNALS:
            loop.add_signal_handler(number, self._signalled)
        failure: Fault | None = None
        try:
            async with asyncio.TaskGroup() as group:
                keepers = [group.create_task(child.keep()) for child in self.children]
                logs = group.create_task(self._bound_logs())
                await self._stop.wait()
                logs.cancel()
                await self._stop_in_order()
                await asyncio.wait(keepers)
        except* Fault as group_of_failures:
            failure = first_of(group_of_failures)
        finally:
            await self._stop_in_order()
        if failure is not None:
            raise failure

    def stop(self) -> None:
        """End `run` in good order."""
        self._stop.set()

    async def _stop_in_order(self) -> None:
        for child in self.children:
            child.retire()
        for child in reversed(self.children):
            await child.stop()

    def _signalled(self) -> None:
        if self._stop.is_set():
            for child in self.children:
                child.signal(signal.SIGKILL)
        self._stop.set()

    def _changed(self) -> None:
        self._on_change(self.children)

    async def _bound_logs(self) -> None:
        while True:
            await asyncio.sleep(LOOK_AT_LOGS_S)
            for log in self._logs:
                with suppress(OSError):  # a full disk: the next time
                    shorten(log, limit_bytes=LOG_BYTES)
            self._changed()  # what could not be told for the same reason


def first_of(group: ExceptionGroup[Fault]) -> Fault:
    """Return the first failure of a group; the others followed from it."""
    first = group.exceptions[0]
    return first if isinstance(first, Fault) else first_of(first)


def shorten(log: Path, *, limit_bytes: int) -> None:
    """Move a log that is over the limit to `.1`; its writer, which only appends, goes on."""
    if log.exists() and log.stat().st_size > limit_bytes:
        shutil.copyfile(log, log.with_suffix(".log.1"))
        with log.open("r+b") as file:
            file.truncate(0)
