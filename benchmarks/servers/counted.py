"""A device of ours that counts its runs where the models of the others count theirs."""

from collections.abc import Sequence
from typing import Generic, TypeVar

from benchmarks.servers.inside.sleep_model import RunCounter
from inference.engine.device import Device
from inference.scheduling.stages import Ran

JobT = TypeVar("JobT")
PreparedT = TypeVar("PreparedT")
ResultT = TypeVar("ResultT")


class CountedDevice(Generic[JobT, PreparedT, ResultT]):
    """Passes everything on.

    Args:
        device: what does the work.
        counts: the file.
    """

    def __init__(self, device: Device[JobT, PreparedT, ResultT], counts: str) -> None:
        self.provider = device.provider
        self.buckets = device.buckets
        self._device = device
        self._counter = RunCounter(counts)

    def prepare(self, jobs: Sequence[JobT]) -> tuple[int, PreparedT]:
        """Do the host's part of a batch, and keep how large it is."""
        return len(jobs), self._device.prepare(jobs)

    def run(self, prepared: tuple[int, PreparedT]) -> Ran[ResultT]:
        """Do the device's part, counted."""
        frames, work = prepared
        with self._counter.running(frames):
            return self._device.run(work)
