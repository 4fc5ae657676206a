"""What an engine drives, how it is driven from the event loop, and what can break.

A batch is prepared on the host (decoded, copied) in one thread and run on the device in another, so
that the next batch is prepared while this one runs. The device's thread takes prepared batches one
after the other without asking the loop in between. On a machine without a spare core that only
costs freshness; then both happen in one thread.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from rapt.errors import Fault

from inference.stages import Ran

HUNG_AFTER_S = 30.0
"""No batch takes so long; a device that does has been lost."""

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
    started_s: float
    """When the device began with it, monotonic."""
    run_s: float


class Driver:
    """The threads of one device."""

    def __init__(self, device: Device[Any, Any, Any], *, slots: int) -> None:
        """Make the threads.

        Args:
            device: what is driven.
            slots: batches that may be under way: 1 running, 2 = and one prepared meanwhile.
        """
        self._device = device
        self._running = ThreadPoolExecutor(1, "device")
        self._staging = ThreadPoolExecutor(1, "staging") if slots > 1 else self._running

    async def run(self, jobs: Sequence[Any], begin: Callable[[float], bool]) -> Timed | None:
        """Prepare and run a batch; None when nobody waited for it any more.

        Args:
            jobs: what the device is given.
            begin: asked in the device's thread, with the time, whether to go on.

        Raises:
            OutOfMemory: a smaller batch may succeed.
            DeviceLost: nothing will succeed any more.
        """

        def prepare() -> tuple[Any, float]:
            began_s = time.perf_counter()
            prepared = self._device.prepare(jobs)
            return prepared, time.perf_counter() - began_s

        prepared, prepare_s = await self._in(self._staging, prepare)

        def run() -> Timed | None:
            started_s, began_s = time.monotonic(), time.perf_counter()
            if not begin(started_s):
                return None
            ran = self._device.run(prepared)
            return Timed(ran, prepare_s, started_s, time.perf_counter() - began_s)

        return await self._in(self._running, run)

    def close(self) -> None:
        """Let the running batch finish and end the threads."""
        self._staging.shutdown(wait=True)
        self._running.shutdown(wait=True)

    async def _in(self, thread: ThreadPoolExecutor, work: Callable[[], ValueT]) -> ValueT:
        def watched() -> ValueT:
            try:
                return work()
            except Exception as error:
                fault = _fault_of(error)
                if fault is None:
                    raise
                raise fault from error
            except BaseException as error:
                raise DeviceLost(f"its thread ended: {type(error).__name__}") from error

        try:
            async with asyncio.timeout(HUNG_AFTER_S):
                return await asyncio.get_running_loop().run_in_executor(thread, watched)
        except TimeoutError:
            raise DeviceLost(f"no answer for {HUNG_AFTER_S:.0f} s") from None


_NO_MEMORY = ("out of memory", "failed to allocate memory", "alloc_failed", "bfcarena")
_GONE = ("device lost", "illegal memory access", "launch failure", "ecc error")


def _fault_of(error: Exception) -> Fault | None:
    """Return what broke if it is the device; providers say it in words alone."""
    text = str(error).lower()
    if isinstance(error, MemoryError) or any(words in text for words in _NO_MEMORY):
        return OutOfMemory("the batch does not fit into the device's memory")
    if any(words in text for words in _GONE):
        return DeviceLost("the device no longer answers")
    return None
