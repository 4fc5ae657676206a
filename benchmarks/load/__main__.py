"""`python -m benchmarks.load`: one process that sends frames on schedule.

Standard input: the job as one line of JSON, then the moment to start on the monotonic clock.
Standard output: a line when every stream is open, then the report as MessagePack.
"""

import asyncio
import gc
import sys
import time

import msgspec

from benchmarks.load.http import Http
from benchmarks.load.job import Job, Speech
from benchmarks.load.log import Log, Sent
from benchmarks.load.observe import Observe
from benchmarks.load.oip import OipStream, OipUnary
from benchmarks.load.schedule import Due, due_frames, frames_per_stream
from benchmarks.load.wire import Clock, Wire

WIRES: dict[Speech, type[Wire]] = {
    Speech.OBSERVE: Observe,
    Speech.OIP_STREAM: OipStream,
    Speech.OIP_UNARY: OipUnary,
    Speech.HTTP: Http,
}


def main() -> None:
    """Do one job."""
    job = msgspec.json.decode(sys.stdin.buffer.readline(), type=Job)
    sent = asyncio.run(work(job))
    sys.stdout.buffer.write(msgspec.msgpack.encode(sent))


async def work(job: Job) -> Sent:
    """Open every stream, wait for the start, send on schedule, wait for late answers."""
    share = job.share
    streams = list(range(share.first, job.scenario.streams, share.of))
    log, clock = Log(streams, frames_per_stream(job.scenario)), Clock()
    wire = WIRES[job.target.speech](job, log, clock)
    due = due_frames(job.scenario, share)
    await wire.open()
    try:
        clock.start_s = await asyncio.to_thread(_start)
        gc.disable()  # a pause of ours would look like one of the server
        await asyncio.sleep(max(-clock.now_s(), 0.0))
        began_s = time.process_time()
        await send_all(wire, due, log, clock)
        cpu_s = time.process_time() - began_s
        await _late_answers(log, job.wait_s)
    finally:
        await wire.close()
    return log.sent(cpu_s)


async def send_all(wire: Wire, due: list[Due], log: Log, clock: Clock) -> None:
    """Send each frame when it is due, whatever became of those before."""
    for frame in due:
        early_s = frame.leaves_s - clock.now_s()
        if early_s > 0:
            await asyncio.sleep(early_s)
        log.leave(frame.stream, frame.sequence, lag_s=max(clock.now_s() - frame.leaves_s, 0.0))
        wire.send(frame)


async def _late_answers(log: Log, wait_s: float) -> None:
    ends_s = time.monotonic() + wait_s
    while log.open_frames and time.monotonic() < ends_s:  # noqa: ASYNC110  # once, at the end
        await asyncio.sleep(0.05)


def _start() -> float:
    """Say that we are ready and return when to start, on the monotonic clock."""
    sys.stdout.buffer.write(b"ready\n")
    sys.stdout.buffer.flush()
    return float(sys.stdin.buffer.readline())


if __name__ == "__main__":
    main()
