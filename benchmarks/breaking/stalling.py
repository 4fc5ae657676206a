"""A worker stands still: how many frames does gRPC take that nobody will see in time?"""

import asyncio
import os
import signal
from pathlib import Path

from rapt.v1 import perception_pb2 as pb
from rapt.v1 import perception_pb2_grpc

from benchmarks.breaking.student import Student
from benchmarks.breaking.worker import Worker, worker_in

STALL_S = 2.0
SIZES = (30_000, 10_000)


async def stall(folder: Path, models: Path) -> dict[int, int]:
    """Return how many frames were taken during a stall, by their size in bytes.

    Raises:
        Unavailable: the worker did not get ready.
    """
    async with worker_in(folder / "stalls", models) as worker:
        return {size: await _taken(worker, size) for size in SIZES}


async def _taken(worker: Worker, size: int) -> int:
    """Stop the process, send as long as somebody takes it, and let it go on."""
    async with worker.channel() as channel:
        call = perception_pb2_grpc.PerceptionStub(channel).Observe()
        student = Student(size, b"", [worker.address])
        await call.write(pb.ObserveRequest(open=student.opening()))
        await call.read()
        os.kill(worker.process.pid, signal.SIGSTOP)
        taken = 0
        try:
            async with asyncio.timeout(STALL_S):
                while True:
                    frame = pb.Frame(sequence=taken + 1, captured_us=1, image=bytes(size))
                    await call.write(pb.ObserveRequest(frame=frame))
                    taken += 1
        except TimeoutError:
            return taken
        finally:
            os.kill(worker.process.pid, signal.SIGCONT)
            call.cancel()
