"""Callers who leave, stall or read nothing, before real worker processes; and those beside them."""

import asyncio
import json
import random
import re
import signal
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from pathlib import Path

import grpc
import pytest

from benchmarks.breaking.student import CALL_OVER
from tests.faults.telling import RAN, RUN_S
from tests.faults.worker import ANSWER_S, SMALL, Worker, neighbour_on, worker_in
from tests.inference.calling import Call, a_frame, an_open

TELLING = ("tests.faults.telling",)
NAME = re.compile(r"\d+/\d")
ROUNDS, CALLERS = 120, 4
SLOW_READER_S = 10.0
SENT_UNREAD = 3000
"""Each answer has about seventy bytes; more than hide between the two ends."""
MOST_MB = 60


@pytest.fixture
async def small(tmp_path: Path) -> AsyncIterator[Worker]:
    """Return a worker that looks at nothing; in the end each frame has one outcome, no fault."""
    with worker_in(tmp_path / "small", models=Path(), program=SMALL) as worker:
        await worker.ready()
        yield worker
        await worker.settled()


async def test_whoever_leaves_in_the_middle_of_a_batch_takes_nobody_along(tmp_path: Path) -> None:
    """Again and again one of four leaves at some moment of its frame; three verdicts each time."""
    with worker_in(tmp_path / "telling", models=Path(), program=TELLING) as worker:
        await worker.ready()
        left = await leave_often(worker)
        await worker.settled()
        runs = runs_of(worker)
        answered = await worker.metric("rapt_frames_answered_total")
    in_the_middle = sum(map(len, runs)) - answered  # what ran and was not answered
    alone = sum(run[0] in left for run in runs if len(run) == 1)
    assert in_the_middle > alone, runs  # the others had mates


async def leave_often(worker: Worker) -> set[str]:
    """Let one of four leave each time, and see that the others have their verdicts.

    Returns:
        Names of the frames that were left behind.
    """
    dice, left = random.Random(3), set[str]()
    async with worker.channel() as channel:
        calls = [await _opened(channel, number, fence=1) for number in range(CALLERS)]
        for turn in range(1, ROUNDS + 1):
            leaver = dice.randrange(CALLERS)
            left.add(_name(turn, leaver))
            frames = (a_frame(turn, _name(turn, number).encode()) for number in range(CALLERS))
            sends = (call.send(frame=frame) for call, frame in zip(calls, frames, strict=True))
            await asyncio.gather(*sends)
            await asyncio.sleep(dice.random() * 1.5 * RUN_S)
            calls[leaver].grpc.cancel()
            stay = [call for number, call in enumerate(calls) if number != leaver]
            answers = await asyncio.gather(*(call.until("verdict") for call in stay))
            assert [answer.verdict.sequence for answer in answers] == [turn] * (CALLERS - 1)
            calls[leaver] = await _opened(channel, leaver, fence=turn + 1)
        for call in calls:
            await call.closed()
    return left


def runs_of(worker: Worker) -> list[list[str]]:
    """Return the frames of each run; the warm-up's are not among them."""
    lines = (line for line in worker.log().splitlines() if f'"{RAN}"' in line)
    told = (json.loads(line)["frames"] for line in lines)
    return [names for names in told if all(map(NAME.fullmatch, names))]


def _name(turn: int, number: int) -> str:
    return f"{turn}/{number}"


async def _opened(channel: grpc.aio.Channel, number: int, *, fence: int) -> Call:
    call = Call(channel)
    await call.opened(session_id=50 + number, user_key=50 + number, fence=fence)
    return call


async def test_gateways_that_read_nothing_lose_their_calls_alone(small: Worker) -> None:
    """Four of them, who send as fast as they can; memory is bounded, the neighbour looks on."""
    before_mb = small.memory_mb()
    async with neighbour_on(small), AsyncExitStack() as stack:
        for number in range(4):
            call = Call(await stack.enter_async_context(small.channel()))
            await call.send(open=an_open(session_id=200 + number, user_key=200 + number))
            with suppress(*CALL_OVER):  # on a slow machine it is cut before
                for sequence in range(1, SENT_UNREAD + 1):
                    await call.send(frame=a_frame(sequence, b""))
        async with asyncio.timeout(SLOW_READER_S + ANSWER_S):
            while await small.metric("rapt_streams_open") > 1:  # noqa: ASYNC110  a gauge tells nobody
                await asyncio.sleep(0.2)
        assert small.memory_mb() - before_mb < MOST_MB
    assert small.log().count("nothing was read for") == 4


async def test_a_worker_that_is_frozen_for_a_while_goes_on(small: Worker) -> None:
    """A machine that slept: what waited is answered or expired, and counted; then all is well."""
    outcomes = Counter[str]()
    async with small.channel() as channel:
        call = Call(channel)
        await call.opened(session_id=300, user_key=300)
        small.process.send_signal(signal.SIGSTOP)
        try:
            for sequence in range(1, 6):
                await call.send(frame=a_frame(sequence, budget_ms=1000))
                await asyncio.sleep(0.5)
        finally:
            small.process.send_signal(signal.SIGCONT)
        while sum(outcomes.values()) < 5:
            answer = await call.receive()
            assert answer is not None
            kind = str(answer.WhichOneof("message"))
            outcomes[kind] += kind in {"verdict", "shed"}
        await call.send(frame=a_frame(6))
        assert (await call.until("verdict")).verdict.sequence == 6
        closed = await call.closed()
    assert closed.frames_received == 6
