"""Several processes on one device: the interpreter's own work ends where one core ends.

Decoding, cutting and the networks release the interpreter; following and judging do not. So a fast
device is shared by several workers, each with its own process.
"""

import multiprocessing
from multiprocessing.synchronize import Barrier
from pathlib import Path

import msgspec

from benchmarks.device.inprocess import Flow
from inference.models.folder import ModelFolder
from inference.perception.networks import Provider
from inference.perception.pipeline import Pipeline

READY_WITHIN_S = 120.0


class BesideRow(msgspec.Struct, frozen=True):
    """So many processes at once."""

    processes: int
    batch: int
    frames_per_s: float
    """Of all of them."""
    p99_ms: float
    """Of the slowest one's batches."""


class Job(msgspec.Struct, frozen=True):
    """What each process does."""

    models: str
    provider: Provider
    threads: int
    frames: tuple[bytes, ...]
    batch: int
    seconds: float


def beside(job: Job, processes: int) -> BesideRow:
    """Let so many processes look at their frames at the same time."""
    spawning = multiprocessing.get_context("spawn")  # a fork would share the device's handles
    start = spawning.Barrier(processes)
    with spawning.Pool(processes, _take, (start,)) as pool:
        rows = pool.map(_look, [msgspec.msgpack.encode(job)] * processes, chunksize=1)
    rate = round(sum(frames_per_s for frames_per_s, _ in rows), 1)
    return BesideRow(processes, job.batch, rate, max(p99_ms for _, p99_ms in rows))


_start: list[Barrier] = []


def _take(start: Barrier) -> None:
    """Keep what cannot be sent as a message."""
    _start.append(start)


def _look(message: bytes) -> tuple[float, float]:
    """Frames a second, and the p99 of a batch."""
    job = msgspec.msgpack.decode(message, type=Job)
    pipeline = Pipeline.load(ModelFolder(Path(job.models)), job.provider, job.threads)
    flow = Flow(pipeline, job.frames, job.batch)
    flow.run(0.2)
    _start[0].wait(READY_WITHIN_S)
    row = flow.run(job.seconds)
    pipeline.close()
    return row.frames_per_s, row.p99_ms
