"""A worker is told to stop by those who do not want it to: callers without ears, a deaf store."""

import asyncio
import itertools
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from rapt.oip import inference_pb2_grpc
from rapt.v1 import perception_pb2 as pb

from benchmarks.breaking.bombarding import CUT_SHORT
from benchmarks.breaking.student import CALL_OVER
from tests.faults.worker import SMALL, Worker, worker_in
from tests.inference.calling import WITHIN_S, Call, a_frame, an_event, an_open
from tests.inference.oip.test_face_model import a_frame as a_question

STOP_S = 30.0
"""The bound, from SIGTERM to the end of the process, whoever is there: what orchestrators allow.
Ten seconds, which are told to operators, are those of a machine that does nothing else."""
LEAVERS = 20
OK = grpc.StatusCode.OK


@asynccontextmanager
async def deaf_store() -> AsyncIterator[tuple[str, asyncio.Event]]:
    """Listen, and say nothing; yields where, and what is set when somebody has asked."""
    asked = asyncio.Event()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(65_536):
            asked.set()
        writer.close()

    async with await asyncio.start_server(listen, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        yield f"http://w:x@127.0.0.1:{port}/rapt", asked


async def test_a_worker_stops_in_time_whoever_does_not_listen(tmp_path: Path) -> None:
    """Callers that ignore Drain, read nothing, or hold a stream open; a store that is silent."""
    async with deaf_store() as (url, asked):
        with worker_in(tmp_path, models=Path(), program=SMALL, store_url=url) as worker:
            await worker.ready()
            async with worker.channel() as channel, asyncio.TaskGroup() as tasks:
                deaf, leavers = Call(channel), [Call(channel) for _ in range(LEAVERS)]
                await deaf.opened(session_id=1, user_key=1)
                await deaf.send(player_event=an_event(1))
                await deaf.until_acked(1)
                mute = await _that_reads_nothing(worker, tasks)
                stays = await _that_stays(channel)
                for number, call in enumerate(leavers, 100):
                    await call.opened(session_id=number, user_key=number)
                leaving = [tasks.create_task(_look_until_told(call)) for call in leavers]
                await asyncio.wait_for(asked.wait(), WITHIN_S)  # it says nothing

                began_s = time.monotonic()
                worker.process.send_signal(signal.SIGTERM)
                assert await asyncio.to_thread(worker.process.wait, STOP_S) == 0
                print(f"stopped after {time.monotonic() - began_s:.2f} s")  # noqa: T201  told by `pytest -s`

                assert await deaf.status() == (grpc.StatusCode.UNAVAILABLE, _told(deaf))
                assert {await left for left in leaving} <= {OK, grpc.StatusCode.UNAVAILABLE, None}
                assert [call.sheds() for call in leavers] == [[]] * LEAVERS
                for call in (mute, *stays):
                    call.cancel()
    assert '"level": "error"' not in worker.log()


def _told(call: Call) -> str:
    """Return what ends a call that does not leave; it was asked to before."""
    assert [answer.drain.grace_ms > 0 for answer in call.answers if answer.HasField("drain")]
    return "this worker is stopping; open the session again"


async def _look_until_told(call: Call) -> grpc.StatusCode | None:
    """Do as a gateway does: a frame at a time until Drain comes, then nothing more.

    Returns:
        How the call ended. None = it was cut, since we were slow, in the middle of a message of
        ours: gRPC's own client forgets the status then.
    """
    try:
        for sequence in itertools.count(1):
            await call.send(frame=a_frame(sequence))
            if (await call.until("verdict", "drain")).HasField("drain"):
                break
            await asyncio.sleep(0.02)
        await call.grpc.done_writing()
    except CALL_OVER:
        code, details = await call.status()
        return None if details == CUT_SHORT else code
    return (await call.status())[0]


async def _that_reads_nothing(worker: Worker, tasks: asyncio.TaskGroup) -> Any:
    """Send frames until the answers fill the wire."""
    channel = worker.channel()
    call: Any = channel.stream_stream(
        "/rapt.v1.Perception/Observe", request_serializer=pb.ObserveRequest.SerializeToString
    )()
    await call.write(pb.ObserveRequest(open=an_open(session_id=2, user_key=2)))

    async def send() -> None:
        with suppress(*CALL_OVER, asyncio.CancelledError):
            for sequence in range(1, 3000):
                await call.write(pb.ObserveRequest(frame=a_frame(sequence, b"")))

    tasks.create_task(send())
    return call


async def _that_stays(channel: grpc.aio.Channel) -> tuple[Any, ...]:
    """Open what has no end: a stream of requests, and a look at the health."""
    models: Any = inference_pb2_grpc.GRPCInferenceServiceStub(channel)
    stream = models.ModelStreamInfer()
    await stream.write(a_question(b"\xff\xd8 a picture"))
    await stream.read()
    health: Any = health_pb2_grpc.HealthStub(channel)
    watch = health.Watch(health_pb2.HealthCheckRequest())
    await watch.read()
    return stream, watch
