"""One worker as a Ray actor: its own process, its own event loop, its own gRPC port.

Ray starts the process, and starts it again when it dies. Frames come to the port and never through
a call of the actor or Ray's object store. The methods are what the pool asks about once a second.
A worker that fails ends its process, so that Ray makes a new one; only one that never began,
because its settings are wrong, stays and says why.
"""

import asyncio
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import structlog
from prometheus_client import disable_created_metrics
from rapt.crashes import leave_no_dump
from rapt.errors import Misconfigured
from rapt.placement import WorkerEntry
from rapt.polling import keep_polling
from rapt.telemetry import start_logging

from inference.config import InferenceConfig
from inference.ending import first_of
from inference.pool.local import Load, serve

STOP_S = 20.0  # to drain and to flush; then it is ended

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Report:
    """How an actor is doing."""

    pid: int
    entry: WorkerEntry | None
    """What it announces; None before it is bound."""
    failure: str = ""
    """Why it can not begin; for the operator."""


class PoolWorker:
    """One worker; its thread begins with it."""

    def __init__(
        self, config: InferenceConfig, load: Load, is_first_time: Callable[[], bool]
    ) -> None:
        """Begin to serve.

        Args:
            config: settings of this worker: its name, its folder, port 0.
            load: opens what it looks with.
            is_first_time: whether this process is the first of its name.
        """
        leave_no_dump()
        disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series, unasked
        self._config = config
        self._load = load
        self._is_first_time = is_first_time()
        self._entry: WorkerEntry | None = None
        self._failure = ""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._is_asked_to_stop = False
        self._thread = threading.Thread(target=self._run, name="worker", daemon=True)
        self._thread.start()

    def stats(self) -> Report:
        """Return how it is doing."""
        return Report(os.getpid(), self._entry, self._failure)

    def drain(self) -> None:
        """Let its sessions move to other workers; returns at once."""
        self._is_asked_to_stop = True
        if self._loop is not None and self._stop is not None:
            with suppress(RuntimeError):  # it has ended by itself
                self._loop.call_soon_threadsafe(self._stop.set)

    def stop(self) -> bool:
        """Drain, write everything down; return whether that was done in time."""
        self.drain()
        self._thread.join(STOP_S)
        return not self._thread.is_alive()

    def _run(self) -> None:
        start_logging("inference", level=self._config.log_level)
        structlog.contextvars.bind_contextvars(worker=self._config.name)
        try:
            asyncio.run(self._serve())
        except* Misconfigured as group:
            log.exception("worker_misconfigured")
            if not self._is_first_time:
                os._exit(1)  # it was well once: what is in its way may go
            self._failure = str(first_of(group))
        except* BaseException:  # the root of the thread: it takes the process with it
            log.exception("worker_failed")
            os._exit(1)
        if not (self._failure or self._is_asked_to_stop):
            os._exit(1)  # another process had its name, and all sessions have moved

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        keep_polling()
        await serve(self._config, self._stop, load=self._load, told=self._hear)

    def _hear(self, entry: WorkerEntry) -> None:
        self._entry = entry
