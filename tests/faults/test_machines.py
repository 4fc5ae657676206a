"""What a machine does to a worker process: damaged files, no memory, a device that goes away."""

import asyncio
import itertools
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import grpc
import pytest

from analytics import queries
from analytics.scope import Scope
from analytics.store import open_store
from tests.analytics.process import StoreProcess
from tests.faults.frail import ENDS_THREAD, IS_LARGE, LOSES_DEVICE
from tests.faults.worker import NOWHERE, READY_S, STOP_S, Worker, neighbour_on, worker_in
from tests.inference.calling import WITHIN_S, Call, a_frame, an_event
from tests.inference.test_half_open import Cable
from tests.services import REPOSITORY

FRAIL = ("tests.faults.frail",)
STUDENTS = 5
REST_S = 150.0
"""More than what a bucket that failed twice, and its smaller one, are left alone."""
HALF_OPEN_S = 60.0
"""Twice what the keepalive takes."""


def _flip(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-100])


def _empty(file: Path) -> None:
    file.write_bytes(b"")


@pytest.mark.parametrize(
    "spoil",
    [_flip, *(pytest.param(one, marks=pytest.mark.long) for one in (_cut, _empty, Path.unlink))],
)
def test_a_model_that_was_damaged_stops_the_start_and_can_be_mended(
    spoil: Callable[[Path], None], tmp_path: Path, models: Path
) -> None:
    """One sentence says what to do; done, the worker starts."""
    copy = tmp_path / "models"
    shutil.copytree(models, copy)
    spoil(copy / "attention_mesh.onnx")
    ours = {"MODELS": str(copy), "LISTEN": "127.0.0.1:0", "SPOOL": str(tmp_path / "spool")}
    ours |= {"STORE_URL": NOWHERE, "PROVIDER": "cpu"}
    environ = os.environ | {f"RAPT_INFERENCE_{name}": value for name, value in ours.items()}
    ended = subprocess.run(
        [sys.executable, "-m", "inference", "serve"],
        env=environ,
        capture_output=True,
        text=True,
        timeout=READY_S,
        check=False,
    )
    said = ended.stderr.splitlines()[-1]
    assert (ended.returncode, "Traceback" in ended.stderr) == (1, False)
    assert "attention_mesh" in said
    assert "./rapt models build" in said
    command = [sys.executable, "-m", "inference.models", "--models", str(copy), "build"]
    subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True, timeout=READY_S)
    with worker_in(tmp_path / "worker", models=copy) as worker:
        asyncio.run(worker.ready())


async def test_batches_too_large_for_the_device_are_served_in_smaller_ones(tmp_path: Path) -> None:
    """Nobody is refused; the worker says how often it happened."""
    with worker_in(tmp_path / "frail", models=Path(), program=FRAIL) as worker:
        await worker.ready()
        async with neighbour_on(worker), worker.channel() as channel:
            calls = [Call(channel) for _ in range(16)]
            for number, call in enumerate(calls, 100):
                await call.opened(session_id=number, user_key=number)
            for turn in range(1, 6):
                await _look(calls, turn)
            for call in calls:
                closed = await call.closed()
                assert (closed.frames_answered, list(closed.shed)) == (5, [])
        assert await worker.metric("rapt_device_out_of_memory_total") > 0


@pytest.mark.long
async def test_batches_are_large_again_when_the_memory_is_there_again(tmp_path: Path) -> None:
    """A bucket that failed is left alone for half a minute, for a whole one if it failed twice."""
    with worker_in(tmp_path / "frail", models=Path(), program=FRAIL) as worker:
        await worker.ready()
        async with neighbour_on(worker), worker.channel() as channel:
            calls = [Call(channel) for _ in range(16)]
            for number, call in enumerate(calls, 100):
                await call.opened(session_id=number, user_key=number)
            turns = itertools.count(1)
            for _ in range(5):
                await _look(calls, next(turns))
            failures = await worker.metric("rapt_device_out_of_memory_total")
            tried = await worker.metric("frail_runs_total", pictures="8")
            assert min(failures, tried) > 0
            async with asyncio.timeout(REST_S):
                while await worker.metric("frail_runs_total", pictures="8") == tried:
                    await _look(calls, next(turns))
                    await asyncio.sleep(0.5)
            assert await worker.metric("rapt_device_out_of_memory_total") == failures
            looked = next(turns) - 1
            for call in calls:
                closed = await call.closed()
                assert (closed.frames_answered, list(closed.shed)) == (looked, [])


async def _look(calls: Sequence[Call], turn: int) -> None:
    """Send a large picture of everyone, and see that each has a verdict."""
    await asyncio.gather(*(call.send(frame=a_frame(turn, IS_LARGE)) for call in calls))
    answers = await asyncio.gather(*(call.until("verdict") for call in calls))
    assert {answer.verdict.sequence for answer in answers} == {turn}


@pytest.mark.parametrize("fate", [LOSES_DEVICE, ENDS_THREAD, None], ids=["lost", "ended", "killed"])
async def test_a_worker_whose_device_is_gone_loses_nothing_that_it_acknowledged(
    fate: bytes | None, tmp_path: Path
) -> None:
    """Each call is told, the process ends; the next goes on, and the store has each row once."""
    with StoreProcess(tmp_path / "store") as store:
        url, folder = store.url(), tmp_path / "frail"
        with worker_in(folder, models=Path(), program=FRAIL, store_url=url) as worker:
            await worker.ready()
            await _until_it_dies(worker, fate)
        with worker_in(folder, models=Path(), program=FRAIL, store_url=url) as worker:
            await worker.ready()
            async with worker.channel() as channel:
                for number in range(100, 100 + STUDENTS):
                    call = Call(channel)
                    await call.opened(session_id=number, user_key=number, acked_event_seq=1)
                    await call.send(player_event=an_event(2))
                    await call.send(frame=a_frame(1))
                    await call.until("verdict")
                    await call.closed()
            async with open_store(store.url("reader")) as reader:
                await _stored(Scope(reader, 1))
                assert worker.end() == 0
                totals = await queries.totals(Scope(reader, 1), 7)
    assert (totals.sessions, totals.interactions) == (STUDENTS, 2 * STUDENTS)
    assert totals.duplicate_facts == 0


async def _stored(scope: Scope) -> None:
    """Wait until the store has all: a worker that ends sends for two seconds and keeps the rest."""
    async with asyncio.timeout(WITHIN_S):
        while (await queries.totals(scope, 7)).interactions < 2 * STUDENTS:  # noqa: ASYNC110  a store tells nobody
            await asyncio.sleep(0.2)
        while (await queries.totals(scope, 7)).sessions < STUDENTS:  # noqa: ASYNC110  a store tells nobody
            await asyncio.sleep(0.2)


async def _until_it_dies(worker: Worker, fate: bytes | None) -> None:
    """Let every session say something that is acknowledged; then the worker goes."""
    async with worker.channel() as channel:
        calls = [Call(channel) for _ in range(STUDENTS)]
        for number, call in enumerate(calls, 100):
            await call.opened(session_id=number, user_key=number)
            await call.send(player_event=an_event(1))
            await call.until_acked(1)
        if fate is None:
            assert worker.end(signal.SIGKILL) == -signal.SIGKILL
            return
        await calls[0].send(frame=a_frame(1, fate))
        codes = await asyncio.gather(*(call.status() for call in calls))
        assert {code for code, _ in codes} == {grpc.StatusCode.INTERNAL}
    assert await asyncio.to_thread(worker.process.wait, STOP_S) == 1


@pytest.mark.long
async def test_a_connection_that_is_cut_without_a_word_is_noticed(tmp_path: Path) -> None:
    """With the usual patience, half a minute; until then the neighbour is served, and after."""
    with worker_in(tmp_path / "small", models=Path(), program=FRAIL) as worker:
        await worker.ready()
        async with (
            neighbour_on(worker),
            Cable(worker.port).laid() as cable,
            grpc.aio.insecure_channel(f"127.0.0.1:{cable.port}") as channel,
        ):
            calls = [Call(channel) for _ in range(50)]
            for number, call in enumerate(calls, 100):
                await call.opened(session_id=number, user_key=number)
            assert await worker.metric("rapt_streams_open") == 51
            cable.cut()
            async with asyncio.timeout(HALF_OPEN_S):
                while await worker.metric("rapt_streams_open") > 1:  # noqa: ASYNC110  a gauge tells nobody
                    await asyncio.sleep(0.5)
