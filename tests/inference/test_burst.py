"""Two thousand streams open within five seconds on a real worker that can bear a few hundred."""

import asyncio
import time
from collections import Counter
from pathlib import Path

import grpc
import httpx
from rapt.v1 import perception_pb2 as pb

from tests.inference.fakes import Call, a_frame, an_event
from tests.inference.test_main import READY_S, WorkerProcess, worker_process

OPENINGS, WITHIN_S, CHANNELS = 2000, 5.0, 8
MOST_GROWTH_BYTES = 400 * 1024 * 1024
"""200 kB for each opening; gRPC and Python keep what they once had."""


def memory_bytes(worker: WorkerProcess) -> int:
    """Return what the worker holds in memory."""
    assert worker._process is not None
    status = Path(f"/proc/{worker._process.pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) * 1024


async def open_one(channel: grpc.aio.Channel, number: int, opened: list[Call]) -> str:
    """Open a stream at its place in the burst; return what became of it."""
    await asyncio.sleep(WITHIN_S * number / OPENINGS)
    call = Call(channel)
    try:
        await call.opened(session_id=number + 1, user_key=number + 1)
    except (grpc.aio.AioRpcError, grpc.aio.UsageError, AssertionError):
        code = await call.grpc.code()
        trailer = dict(await call.grpc.trailing_metadata() or ())
        assert int(trailer.get("grpc-retry-pushback-ms", 0)) > 0
        return str(code.name)
    opened.append(call)
    return "opened"


async def test_a_burst_of_openings_is_refused_or_served_and_kills_nothing(
    tmp_path: Path, models: Path, portrait: bytes
) -> None:
    """Each refusal says so and when to come back; afterwards all is as before."""
    with worker_process("http://w:x@127.0.0.1:9/rapt", tmp_path / "spool", models) as worker:
        channels = [worker.channel() for _ in range(CHANNELS)]
        await asyncio.wait_for(channels[0].channel_ready(), READY_S)
        before_bytes, opened = memory_bytes(worker), list[Call]()
        outcomes = Counter(
            await asyncio.gather(
                *(open_one(channels[n % CHANNELS], n, opened) for n in range(OPENINGS))
            )
        )
        assert set(outcomes) == {"opened", "UNAVAILABLE"}, outcomes
        assert outcomes["opened"] > 0
        assert memory_bytes(worker) - before_bytes < MOST_GROWTH_BYTES
        await opened[0].send(player_event=an_event(1))
        await opened[0].until_acked(1)
        for call in opened:
            call.grpc.cancel()
        await _until_nobody_is_there(worker)
        last = Call(channels[0])
        await last.opened(session_id=OPENINGS + 1, user_key=OPENINGS + 1)
        await last.send(frame=a_frame(1, portrait))
        assert (await last.until("verdict")).verdict.observation.faces == 1
        await last.closed(pb.EXIT_REASON_LEFT)
        for channel in channels:
            await channel.close()


async def _until_nobody_is_there(worker: WorkerProcess) -> None:
    late_s = time.monotonic() + 20
    async with httpx.AsyncClient() as client:
        address = f"http://127.0.0.1:{worker.metrics_port}/metrics"
        while "rapt_streams_open 0.0" not in (await client.get(address)).text:
            assert time.monotonic() < late_s
            await asyncio.sleep(0.05)
