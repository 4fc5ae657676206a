"""Stand-ins for a device that can be held before each of its steps, and can break."""

import threading
from collections.abc import Sequence

from inference.scheduling.stages import Ran, StageRun


class Gate:
    """Something passes here; it can be held up."""

    def __init__(self) -> None:
        self.reached = threading.Semaphore(0)
        self._open = threading.Event()
        self._open.set()
        self._one = threading.Semaphore(0)

    def close(self) -> None:
        """Hold whoever comes from now on."""
        self._open.clear()

    def open(self) -> None:
        """Let everyone through."""
        self._open.set()

    def let_one_through(self) -> None:
        """Let through whoever is held, and hold the next."""
        self._one.release()

    def enter(self) -> None:
        """Come here, and go on when one may."""
        self.reached.release()
        while not (self._open.wait(0.005) or self._one.acquire(blocking=False)):
            pass


class SteppedDevice:
    """Gives back what it was given, in two steps that a test can hold."""

    provider = "SteppedDevice"
    buckets = (1, 2, 4, 8)

    def __init__(self) -> None:
        self.preparing = Gate()
        self.running = Gate()
        self.prepared: list[tuple[object, ...]] = []
        self.ran: list[tuple[object, ...]] = []
        self.breaks: BaseException | None = None
        self.most_jobs = 8
        """More than that do not fit into its memory."""

    def prepare(self, jobs: Sequence[object]) -> tuple[object, ...]:
        """Do the host's part."""
        self.preparing.enter()
        self.prepared.append(tuple(jobs))
        return tuple(jobs)

    def run(self, prepared: tuple[object, ...]) -> Ran[object]:
        """Do the device's part."""
        self.running.enter()
        if self.breaks is not None:
            error, self.breaks = self.breaks, None
            raise error
        if len(prepared) > self.most_jobs:
            raise RuntimeError("BFCArena::AllocateRawInternal: Available memory is too small")
        self.ran.append(prepared)
        return Ran(list(prepared), (StageRun("step", len(prepared), len(prepared), 0.001),))

    def release(self) -> None:
        """Hold nobody any more."""
        self.preparing.open()
        self.running.open()
