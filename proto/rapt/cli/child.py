"""One service's process: started, watched until it is ready, started again when it dies.

A child that dies before it was ever ready ends the start: something is wrong that trying again
will not mend. One that was ready before is started again, each time after a longer pause.
Its output goes straight to its log file, so it needs nobody to read it, not even when we are gone.
"""

import asyncio
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from rapt.backoff import Backoff
from rapt.cli.services import Service
from rapt.errors import Fault
from rapt.leash import leashed

ASK_AGAIN_S = 0.05
READY_S = 60.0  # a start that takes longer has failed
FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 10.0
STEADY_S = 30.0  # after this long a child's earlier deaths are forgotten
TAIL_BYTES = 2000


class Child:
    """Keeps one service running until it is told to stop."""

    def __init__(
        self,
        service: Service,
        log: Path,
        on_change: Callable[[], None],
        *,
        lock: int | None = None,
    ) -> None:
        """Prepare to run a service.

        Args:
            service: what to run.
            log: where its output goes.
            on_change: called when it starts, gets ready or dies.
            lock: descriptor of the data folder's lock, which it holds with us as long as it lives.
        """
        self.service = service
        self.is_ready = False
        self.was_ready = asyncio.Event()
        self.deaths = 0
        self._backoff = Backoff(first_s=FIRST_PAUSE_S, longest_s=LONGEST_PAUSE_S)
        self._log = log
        self._on_change = on_change
        self._inherited = () if lock is None else (lock,)
        self._process: asyncio.subprocess.Process | None = None
        self._stopping = asyncio.Event()

    @property
    def pid(self) -> int | None:
        """Process id while it runs."""
        running = self._process is not None and self._process.returncode is None
        return self._process.pid if self._process is not None and running else None

    async def keep(self) -> None:
        """Start it, and start it again, until `stop`.

        Raises:
            Fault: it ended, or took too long, before it was ever ready.
        """
        while not self._stopping.is_set():
            started_s = time.monotonic()
            process = await self._start()
            if self._stopping.is_set():  # told so while it was being started
                await self.stop()
                return
            self._on_change()
            await self._until_ready_or_dead(process)
            status = await process.wait()
            self.is_ready = False
            if self._stopping.is_set():
                return
            if not self.was_ready.is_set():
                raise Fault(
                    f"{self.service.name} ended with status {status}:\n{self.tail()}"
                    + (self.service.mend and f"\n{self.service.mend}")
                )
            if time.monotonic() - started_s >= STEADY_S:
                self.deaths = 0
                self._backoff.succeeded()
            self.deaths += 1
            self._on_change()
            await self._pause(self._backoff.next_s())

    def retire(self) -> None:
        """Do not start it again, whatever becomes of it."""
        self._stopping.set()

    async def stop(self) -> None:
        """Ask it to end, insist after its grace."""
        self.retire()
        process = self._process
        if process is None or process.returncode is not None:
            return
        self.signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(self.service.stop_grace_s):
                await process.wait()
        except TimeoutError:
            self.signal(signal.SIGKILL)
            await process.wait()

    def signal(self, number: signal.Signals) -> None:
        """Send a signal; SIGKILL goes to everything that the child started, too."""
        if self.pid is None:
            return
        with suppress(ProcessLookupError):  # it ended this very moment
            if number == signal.SIGKILL:
                os.killpg(self.pid, number)
            else:
                os.kill(self.pid, number)

    def tail(self) -> str:
        """Return the last lines of its log."""
        with suppress(OSError):
            return self._log.read_bytes()[-TAIL_BYTES:].decode(errors="replace").strip()
        return ""

    async def _start(self) -> asyncio.subprocess.Process:
        """Start the process; cancelled meanwhile, know it all the same, so that it is stopped."""
        starting = asyncio.ensure_future(self._spawn())
        try:
            self._process = await asyncio.shield(starting)
        except asyncio.CancelledError:
            self._process = await starting
            raise
        return self._process

    async def _spawn(self) -> asyncio.subprocess.Process:
        """Start the process, in a session of its own so that Ctrl-C reaches only us."""
        with self._log.open("ab") as log:
            return await asyncio.create_subprocess_exec(
                *leashed(self.service.command),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=dict(self.service.environ),
                start_new_session=True,
                pass_fds=self._inherited,
            )

    async def _until_ready_or_dead(self, process: asyncio.subprocess.Process) -> None:
        """Ask again and again; a child that dies meanwhile is the caller's to notice.

        Raises:
            Fault: it neither got ready nor died in time, at its first start.
        """
        late_s = time.monotonic() + READY_S
        while process.returncode is None and not self._stopping.is_set():
            if await self.service.is_ready():
                self.is_ready = True
                self.was_ready.set()
                self._on_change()
                return
            if time.monotonic() > late_s:
                self.signal(signal.SIGKILL)
                if self.was_ready.is_set():  # it was well once: count a death, start it again
                    return
                raise Fault(
                    f"{self.service.name} is not ready after {READY_S:.0f} s:\n{self.tail()}"
                )
            await asyncio.sleep(ASK_AGAIN_S)

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
