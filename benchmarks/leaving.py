"""Four clients share a batch and one leaves in the middle of it: do the other three get theirs?

A first request keeps the model busy, so that the four wait together; one connection is cut as soon
as their batch runs. The model is slowed down until that is easy to hit.
"""

import asyncio
import contextlib
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path

import grpc
import httpx
from rapt.errors import Unavailable
from rapt.oip import inference_pb2_grpc

from benchmarks.load.http import message_of
from benchmarks.load.job import Job, Speech, Target
from benchmarks.load.oip import request_of
from benchmarks.load.schedule import Due, Scenario
from benchmarks.servers.inside.sleep_model import counts_of, run_s
from benchmarks.servers.server import Setting, running
from benchmarks.trial import Make

SCALE = 20.0
CLIENTS = 4
SHARED_WITHIN_S = 5.0
WAIT_S = 4.0  # for the others, after one has left
LOOK_EVERY_S = 0.005

Ask = Callable[[], Coroutine[None, None, bool]]


async def left_behind(make: Make, picture: bytes) -> int:
    """Return how many of the three who stayed got no answer.

    Raises:
        Unavailable: the server did not get ready.
        Misconfigured: its environment could not be made.
    """
    with tempfile.TemporaryDirectory(prefix="rapt-bench-") as folder:
        recipe = make(Path(folder), Setting(scale=SCALE, picture=picture))
        async with running(recipe), contextlib.AsyncExitStack() as stack:
            asks = [
                await stack.enter_async_context(_client(recipe.target, picture))
                for _ in range(1 + CLIENTS)
            ]
            assert recipe.counts is not None  # noqa: S101  # everyone sleeps here
            return await leave(asks, recipe.counts)


async def leave(asks: list[Ask], counts: Path) -> int:
    """Ask, leave, and return how many of those who stayed got nothing.

    Raises:
        Unavailable: they never shared a batch.
    """
    tasks: list[asyncio.Task[bool]] = [asyncio.create_task(asks[0]())]
    await asyncio.sleep(run_s(1, SCALE) / 4)
    tasks += [asyncio.create_task(ask()) for ask in asks[1:]]
    try:
        await _shared(counts)
        leaver, stayed = tasks[1], tasks[2:]
        leaver.cancel()
        done, _ = await asyncio.wait(stayed, timeout=WAIT_S)
        answered = [task for task in done if task.exception() is None and task.result()]
        return len(stayed) - len(answered)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _shared(counts: Path) -> None:
    """Wait until a batch with all four in it runs.

    Raises:
        Unavailable: there was none.
    """
    until_s = time.monotonic() + SHARED_WITHIN_S
    while counts_of(counts).running < CLIENTS:  # another process writes it
        if time.monotonic() > until_s:
            raise Unavailable(f"{CLIENTS} requests that waited together never shared a batch")
        await asyncio.sleep(LOOK_EVERY_S)


@contextlib.asynccontextmanager
async def _client(target: Target, picture: bytes) -> AsyncIterator[Ask]:
    """Connect one client; it asks once and says whether it got an answer."""
    scenario = Scenario(seconds=1, warm_up_s=0, seed=0)
    job = Job(target=target, scenario=scenario, first=0, of=1, picture=picture, wait_s=0)
    if target.speech is Speech.HTTP:
        yield lambda: _post(job)
        return
    options = [("grpc.use_local_subchannel_pool", 1)]
    async with grpc.aio.insecure_channel(target.address, options=options) as channel:
        stub = inference_pb2_grpc.GRPCInferenceServiceStub(channel)

        async def infer() -> bool:
            await stub.ModelInfer(request_of(job, Due(0.0, 0, 1, 0.0)))
            return True

        yield infer


async def _post(job: Job) -> bool:
    body = message_of(job).partition(b"\r\n\r\n")[2]
    kind = "application/json" if job.target.is_json else "application/octet-stream"
    url = f"http://{job.target.address}{job.target.path}"
    async with httpx.AsyncClient(trust_env=False, timeout=None) as http:  # noqa: S113  # who waits has a timeout
        answer = await http.post(url, content=body, headers={"Content-Type": kind})
    return answer.is_success
