"""Four clients share a batch and one leaves in the middle of it: do the other three get theirs?

A first request keeps the model busy, so that the four wait together, in a known order. As soon as
their batch runs, one cancels its call (over HTTP, its connection is cut). Each of the four is the
one who leaves in its turn, because what becomes of the others may depend on who came before whom;
the worst turn counts. The model is slowed down until the middle of a batch is easy to hit.

MLServer 1.7.1, as it comes and tuned, never answers those who came after the one who left: 3, 2, 1
or none, as the first, second, third or last of the four leaves. Its batcher hands answers out in
their order and stops, with an error that nobody takes, at the request that is gone.
"""

import asyncio
import contextlib
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import replace
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
CONNECTED_WITHIN_S = 5.0
SHARED_WITHIN_S = 5.0
WAIT_S = 4.0  # for the others, after one has left
LOOK_EVERY_S = 0.005
APART_S = 0.005  # so that they arrive in their order

Ask = Callable[[], Coroutine[None, None, bool]]


async def left_behind(make: Make, setting: Setting) -> int:
    """Return how many of the three who stayed got no answer, at worst.

    Raises:
        Unavailable: the server did not get ready, or never let the four share a batch.
        Misconfigured: its environment could not be made.
    """
    with tempfile.TemporaryDirectory(prefix="rapt-bench-") as folder:
        recipe = make(Path(folder), replace(setting, scale=SCALE))
        assert recipe.counts is not None  # noqa: S101  # everyone sleeps here
        async with running(recipe):
            stranded = []
            for leaver in range(CLIENTS):
                async with contextlib.AsyncExitStack() as stack:
                    clients = [_client(recipe.target, setting.picture) for _ in range(1 + CLIENTS)]
                    asks = [await stack.enter_async_context(client) for client in clients]
                    stranded.append(await leave(asks, recipe.counts, leaver=leaver))
            return max(stranded)


async def leave(asks: list[Ask], counts: Path, *, leaver: int) -> int:
    """Ask, leave, and return how many of those who stayed got nothing.

    Args:
        asks: of the one who keeps the model busy, then of the four.
        counts: where the model counts.
        leaver: which of the four leaves, 0..3 in the order in which they asked.

    Raises:
        Unavailable: they never shared a batch.
    """
    tasks: list[asyncio.Task[bool]] = [asyncio.create_task(asks[0]())]
    await asyncio.sleep(run_s(1, SCALE) / 4)
    for ask in asks[1:]:
        tasks.append(asyncio.create_task(ask()))
        await asyncio.sleep(APART_S)
    try:
        await _shared(counts)
        stayed = [task for place, task in enumerate(tasks[1:]) if place != leaver]
        tasks[1 + leaver].cancel()
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
    """Connect one client; it asks once and says whether it got an answer.

    Raises:
        Unavailable: the server takes no connection.
    """
    scenario = Scenario(seconds=1, warm_up_s=0, seed=0)
    job = Job(target=target, scenario=scenario, first=0, of=1, picture=picture, wait_s=0)
    if target.speech is Speech.HTTP:
        async with httpx.AsyncClient(trust_env=False, verify=False, timeout=None) as http:  # noqa: S113, S501  # who waits has a timeout; nothing is encrypted
            yield lambda: _post(http, job)
        return
    options = [("grpc.use_local_subchannel_pool", 1)]
    async with grpc.aio.insecure_channel(target.address, options=options) as channel:
        stub = inference_pb2_grpc.GRPCInferenceServiceStub(channel)
        try:
            await asyncio.wait_for(channel.channel_ready(), CONNECTED_WITHIN_S)
        except TimeoutError as error:
            raise Unavailable(f"{target.address} takes no connection") from error

        async def infer() -> bool:
            await stub.ModelInfer(request_of(job, Due(0.0, 0, 1, 0.0)))
            return True

        yield infer


async def _post(http: httpx.AsyncClient, job: Job) -> bool:
    body = message_of(job).partition(b"\r\n\r\n")[2]
    kind = "application/json" if job.target.is_json else "application/octet-stream"
    url = f"http://{job.target.address}{job.target.path}"
    answer = await http.post(url, content=body, headers={"Content-Type": kind})
    return answer.is_success
