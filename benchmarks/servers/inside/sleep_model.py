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
from pathlib import Path

MODEL = "sleep"
"""Its name on every server."""

RUN_S = 0.004
FRAME_S = 0.0005
MAX_BATCH = 32
_COUNTS = struct.Struct("<QQQ")  # runs, frames, busy nanoseconds


def run_s(frames: int, scale: float) -> float:
    """Return how long a batch takes, seconds."""
    return scale * (RUN_S + FRAME_S * frames)


def capacity_per_s(scale: float) -> float:
    """Return the most frames a second that the device can do: full batches without a pause."""
    return MAX_BATCH / run_s(MAX_BATCH, scale)


class SleepModel:
    """One device."""

    def __init__(self, scale: float, counts: str) -> None:
        self._scale = scale
        self._lock = threading.Lock()
        Path(counts).write_bytes(bytes(_COUNTS.size))
        with Path(counts).open("r+b") as file:
            self._counts = mmap.mmap(file.fileno(), _COUNTS.size)

    def run(self, frames: int) -> None:
        """Run one batch; whoever comes meanwhile waits for the device."""
        with self._lock:
            began = time.perf_counter_ns()
            time.sleep(run_s(frames, self._scale))
            runs, done, busy = _COUNTS.unpack_from(self._counts)
            busy += time.perf_counter_ns() - began
            _COUNTS.pack_into(self._counts, 0, runs + 1, done + frames, busy)


def counts_of(path: Path) -> tuple[int, int, float]:
    """Return runs, frames and busy seconds so far; zeros before the model is there."""
    try:
        runs, frames, busy = _COUNTS.unpack_from(path.read_bytes())
    except (OSError, struct.error):
        return 0, 0, 0.0
    return runs, frames, busy / 1e9
