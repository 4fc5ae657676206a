"""What an engine drives, how it is driven from the event loop, and what can break.

A batch is prepared on the host (decoded, copied) in one thread and run on the device in another, so
that the next batch is prepared while this one runs. One thread hands over to the other, and the
device's takes prepared batches one after the other: neither asks the loop in between, which may be
busy for longer than a run. An idle device's thread prepares by itself: to hand over takes time too.
On a machine without a spare core two threads only cost freshness; then both happen in one.
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

from inference.scheduling.stages import Ran

HUNG_AFTER_S = 30.0
"""No batch takes so long; a device that does has been lost."""
CLOSE_S = 1.0
"""For a batch that runs when the process ends: no healthy one takes longer."""

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
    """From when it was due to when it was prepared: how late the loop was, and `prepare_s`."""


def cores_here() -> int:
    """Return how many processor cores this process may use."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return cores or 1


def slots_here() -> int:
    """Return how many batches should be under way on this machine."""
    return 2 if cores_here() > 1 else 1


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
        self._under_way = 0

    async def run(
        self, jobs: Sequence[Any], begin: Callable[[float], bool], *, due_s: float | None = None
    ) -> Timed | None:
        """Prepare and run a batch; None when nobody waited for it any more.

        Args:
            jobs: what the device is given.
            begin: asked in the device's thread, with the time, whether to go on.
            due_s: when its preparation should have begun, monotonic; now if it is not given.

        Raises:
            OutOfMemory: a smaller batch may succeed.
            DeviceLost: nothing will succeed any more.
        """
        staging, due_s = self._staging, time.monotonic() if due_s is None else due_s
        if staging is None:
            return await _watched(self._running.do(lambda: self._run_all(jobs, begin)))

        def stage() -> Future[Timed | None]:
            ready = self._prepare(jobs, due_s)
            return self._running.submit(lambda: self._run(ready, begin))

        self._under_way += 1
        try:
            if self._under_way == 1:
                running = self._running.submit(lambda: self._run(self._prepare(jobs, due_s), begin))
            else:
                running = await _watched(staging.do(stage))
            return await _watched(asyncio.wrap_future(running))
        finally:
            self._under_way -= 1

    def _prepare(self, jobs: Sequence[Any], due_s: float) -> "_Ready":
        """Prepare a batch; in the thread that has time."""
        began_s = time.monotonic()
        prepared = self._device.prepare(jobs)
        now_s = time.monotonic()
        return _Ready(prepared, now_s - began_s, now_s - due_s)

    def _run(self, ready: "_Ready", begin: Callable[[float], bool]) -> Timed | None:
        """Run what is prepared; in the device's thread."""
        started_s = time.monotonic()
        if not begin(started_s):
            return None
        ran = self._device.run(ready.prepared)
        run_s = time.monotonic() - started_s
        return Timed(ran, ready.prepare_s, started_s, run_s, ready.ready_s)

    def _run_all(self, jobs: Sequence[Any], begin: Callable[[float], bool]) -> Timed | None:
        """Prepare and run; preparing is part of the run then."""
        started_s = time.monotonic()
        if not begin(started_s):
            return None
        ran = self._device.run(self._device.prepare(jobs))
        return Timed(ran, 0.0, started_s, time.monotonic() - started_s)

    def close(self) -> None:
        """Let the running batch finish and end the threads; one that hangs is left behind."""
        for lane in (self._staging, self._running):
            if lane is not None:
                lane.close()


@dataclass(frozen=True, slots=True)
class _Ready:
    """A batch that is prepared."""

    prepared: Any
    prepare_s: float
    ready_s: float


class _Lane:
    """One thread, one thing after the other. A thread that hangs does not keep the process."""

    def __init__(self, name: str) -> None:
        self._work: SimpleQueue[Callable[[], None] | None] = SimpleQueue()  # as long as the slots
        self._thread = Thread(target=self._follow, name=name, daemon=True)
        self._thread.start()
        self._lost: DeviceLost | None = None

    async def do(self, work: Callable[[], ValueT]) -> ValueT:
        """Wait until it is done; for the loop."""
        return await asyncio.wrap_future(self.submit(work))

    def submit(self, work: Callable[[], ValueT]) -> Future[ValueT]:
        """Let it be done; for any thread."""
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
        return done

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
