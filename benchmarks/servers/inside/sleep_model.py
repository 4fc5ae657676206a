"""The model of every comparison: a device that takes 4 ms and half a millisecond a frame, asleep.

It stands for a network on an accelerator: the processor is free while it runs, batches pay, and
only one runs at a time. Ours and every rival's serve this very file, so only the serving differs.
Standard library alone: it runs in the rivals' environments.

How often it ran is kept in a file that others can read while it runs.
"""

import mmap
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

MODEL = "sleep"
"""Its name on every server."""

RUN_S = 0.004
FRAME_S = 0.0005
MAX_BATCH = 32
_COUNTS = struct.Struct("<QQQQ")  # runs, frames, busy nanoseconds, frames that run now


class Counts(NamedTuple):
    """What the model has done so far."""

    runs: int
    frames: int
    busy_s: float
    running: int
    """Frames in the batch that runs now; 0 = none."""


def run_s(frames: int, scale: float) -> float:
    """Return how long a batch takes, seconds."""
    return scale * (RUN_S + FRAME_S * frames)


def capacity_per_s(scale: float) -> float:
    """Return the most frames a second that the device can do: full batches without a pause."""
    return MAX_BATCH / run_s(MAX_BATCH, scale)


class RunCounter:
    """Counts the runs of any model in a file; one run at a time."""

    def __init__(self, counts: str) -> None:
        Path(counts).write_bytes(bytes(_COUNTS.size))
        with Path(counts).open("r+b") as file:
            self._counts = mmap.mmap(file.fileno(), _COUNTS.size)

    @contextmanager
    def running(self, frames: int) -> Iterator[None]:
        """Count one run, which takes as long as the block."""
        began = time.perf_counter_ns()
        runs, done, busy, _ = _COUNTS.unpack_from(self._counts)
        _COUNTS.pack_into(self._counts, 0, runs, done, busy, frames)
        try:
            yield
        finally:
            busy += time.perf_counter_ns() - began
            _COUNTS.pack_into(self._counts, 0, runs + 1, done + frames, busy, 0)


class SleepModel:
    """One device."""

    def __init__(self, scale: float, counts: str) -> None:
        self._scale = scale
        self._lock = threading.Lock()
        self._counter = RunCounter(counts)

    def run(self, frames: int) -> None:
        """Run one batch; whoever comes meanwhile waits for the device."""
        with self._lock, self._counter.running(frames):
            time.sleep(run_s(frames, self._scale))


def counts_of(path: Path) -> Counts:
    """Return what the model has done so far; zeros before it is there."""
    try:
        runs, frames, busy, running = _COUNTS.unpack_from(path.read_bytes())
    except (OSError, struct.error):
        return Counts(0, 0, 0.0, 0)
    return Counts(runs, frames, busy / 1e9, running)
