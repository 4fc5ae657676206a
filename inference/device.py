"""What an engine drives, how it is driven from the event loop, and what can break.

A batch is prepared on the host (decoded, copied) in one thread and run on the device in another, so
that the next batch is prepared while this one runs. The device's thread takes prepared batches one
after the other without asking the loop in between. On a machine without a spare core that only
costs freshness; then both happen in one thread.
"""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Thread
from typing import Any, Protocol, TypeVar

from rapt.errors import Fault

from inference.stages import Ran

HUNG_AFTER_S = 30.0
"""No batch takes so long; a device that does has been lost."""
CLOSE_S = 5.0

JobT_contra = TypeVar("JobT_contra", contravariant=True)
PreparedT = TypeVar("PreparedT")
ResultT = TypeVar("ResultT")
ValueT = TypeVar("ValueT")


class Device(Protocol[JobT_contra, PreparedT, ResultT]):
    """What runs batches. One thread prepares, one runs; they may be at work at the same time."""

    @property
    def provider(self) -> str:
        """Name of what it runs on."""

    @property
    def buckets(self) -> tuple[int, ...]:
        """Sizes of a batch, ascending."""

    def prepare(self, jobs: Sequence[JobT_contra]) -> PreparedT:
        """Do the host's part of a batch."""

    def run(self, prepared: PreparedT) -> Ran[ResultT]:
        """Do the device's part; one result for each job, in order."""


class OutOfMemory(Fault):
    """The batch does not fit into the device's memory; a smaller one may."""


class DeviceLost(Fault):
    """The device or its thread is gone; only a new process gets it back."""


@dataclass(frozen=True, slots=True)
class Timed:
    """One batch that was run."""

    ran: Ran[Any]
    """What came out; the type is an affair of the device and the owners."""
    prepare_s: float
    """Beside the run of the batch before; 0 when it was part of this run."""
    started_s: float
    """When the device began with it, monotonic."""
    run_s: float
    ready_s: float = 0.0
    """From being handed over to being prepared: `prepare_s`, and the ways between the threads."""


def slots_here() -> int:
    """Return how many batches should be under way on this machine."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return 2 if (cores or 1) > 1 else 1


class Driver:
    """The threads of one device."""

    def __init__(self, device: Device[Any, Any, Any], *, slots: int) -> None:
        """Make the threads.

        Args:
            device: what is driven.
            slots: batches that may be under way: 1 running, 2 = and one prepared meanwhile.
        """
        self._device = device
        self._running = _Lane("device")
        self._staging = _Lane("staging") if slots > 1 else None

    async def run(self, jobs: Sequence[Any], begin: Callable[[float], bool]) -> Timed | None:
        """Prepare and run a batch; None when nobody waited for it any more.

        Args:
            jobs: what the device is given.
            begin: asked in the device's thread, with the time, whether to go on.

        Raises:
            OutOfMemory: a smaller batch may succeed.
            DeviceLost: nothing will succeed any more.
        """
        prepared, prepare_s, handed_over_s = None, 0.0, time.perf_counter()
        if self._staging is not None:
            prepared, prepare_s = await _watched(self._staging.do(lambda: self._prepare(jobs)))
        ready_s = time.perf_counter() - handed_over_s

        def run() -> Timed | None:
            started_s, began_s = time.monotonic(), time.perf_counter()
            if not begin(started_s):
                return None
            ready = self._device.prepare(jobs) if self._staging is None else prepared
            ran = self._device.run(ready)
            return Timed(ran, prepare_s, started_s, time.perf_counter() - began_s, ready_s)

        return await _watched(self._running.do(run))

    def close(self) -> None:
        """Let the running batch finish and end the threads; one that hangs is left behind."""
        for lane in (self._staging, self._running):
            if lane is not None:
                lane.close()

    def _prepare(self, jobs: Sequence[Any]) -> tuple[Any, float]:
        began_s = time.perf_counter()
        prepared = self._device.prepare(jobs)
        return prepared, time.perf_counter() - began_s


class _Lane:
    """One thread, one thing after the other. A thread that hangs does not keep the process."""

    def __init__(self, name: str) -> None:
        self._work: SimpleQueue[Callable[[], None] | None] = SimpleQueue()  # as long as the slots
        self._thread = Thread(target=self._follow, name=name, daemon=True)
        self._thread.start()
        self._lost: DeviceLost | None = None

    async def do(self, work: Callable[[], ValueT]) -> ValueT:
        done: Future[ValueT] = Future()

        def fulfil() -> None:
            if not done.set_running_or_notify_cancel():
                return
            try:
                if self._lost is not None:
                    raise self._lost  # noqa: TRY301  # for this work as for that before
                done.set_result(work())
            except BaseException as error:  # noqa: BLE001  # whoever waits is told
                fault = _fault_of(error) or error
                self._lost = fault if isinstance(fault, DeviceLost) else None
                done.set_exception(fault)

        self._work.put(fulfil)
        return await asyncio.wrap_future(done)

    def close(self) -> None:
        self._work.put(None)
        self._thread.join(CLOSE_S)

    def _follow(self) -> None:
        while (fulfil := self._work.get()) is not None:
            fulfil()


async def _watched(work: Awaitable[ValueT]) -> ValueT:
    """Wait for a thread, but not for ever."""
    try:
        async with asyncio.timeout(HUNG_AFTER_S):
            return await work
    except TimeoutError:
        raise DeviceLost(f"no answer for {HUNG_AFTER_S:.0f} s") from None


_NO_MEMORY = ("out of memory", "failed to allocate memory", "alloc_failed", "bfcarena")
_GONE = ("device lost", "illegal memory access", "launch failure", "ecc error")


def _fault_of(error: BaseException) -> Fault | None:
    """Return what broke if it is the device; providers say it in words alone."""
    text = str(error).lower()
    if isinstance(error, Fault):
        return error
    if isinstance(error, MemoryError) or any(words in text for words in _NO_MEMORY):
        fault: Fault = OutOfMemory("the batch does not fit into the device's memory")
    elif not isinstance(error, Exception):
        fault = DeviceLost(f"its thread ended: {type(error).__name__}")
    elif any(words in text for words in _GONE):
        fault = DeviceLost("the device no longer answers")
    else:
        return None
    fault.__cause__ = error
    return fault
