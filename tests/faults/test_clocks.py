"""Clocks that disagree: verdicts keep coming, in time, and on the right seconds."""

import asyncio
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from rapt.v1 import perception_pb2 as pb

from tests.faults.worker import SMALL, Worker, worker_in
from tests.inference.fakes import GOOD, Call, a_frame, now_us

BEGAN_S = time.time()
FRAMES, FRAME_S, HOUR_S = 14, 0.4, 3600.0
CLOSE_MS = 30
"""A clock that drifts by 500 ppm is off by so much when a minute is over."""
CLOCKS: dict[str, Callable[[float], float]] = {
    "right": lambda s: s,
    "an hour ahead": lambda s: s + HOUR_S,
    "an hour behind": lambda s: s - HOUR_S,
    "since it was switched on": lambda s: s - BEGAN_S,
    "before 1970": lambda s: s - 2 * BEGAN_S,
    "none": lambda _: 0.0,
    "stands still": lambda _: BEGAN_S,
    "500 ppm fast": lambda s: s * 1.0005,
    "500 ppm slow": lambda s: s * 0.9995,
}
SET_AFTER = FRAMES // 2


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    """Return a worker that looks at nothing."""
    folder = tmp_path_factory.mktemp("small")
    with worker_in(folder, models=Path(), program=SMALL) as worker:
        asyncio.run(worker.ready())
        yield worker


async def watch(
    worker: Worker, number: int, clock: Callable[[float], float], set_by_s: float = 0.0
) -> None:
    """Send frames by a clock of one's own; see each answered, at the moment that it shows."""
    opened_us = now_us() - 5_000_000
    async with worker.channel() as channel:
        call = Call(channel)
        await call.opened(session_id=number, user_key=number, opened_at_us=opened_us)
        for sequence in range(1, FRAMES + 1):
            sent_ms = (now_us() - opened_us) // 1000
            is_set_s = set_by_s * (sequence > SET_AFTER)
            captured_us = round((clock(time.time()) + is_set_s) * 1_000_000)
            await call.send(
                frame=pb.Frame(
                    sequence=sequence, captured_us=captured_us, image=GOOD, budget_ms=5000
                )
            )
            verdict = (await call.until("verdict")).verdict
            got_ms = (now_us() - opened_us) // 1000
            assert verdict.sequence == sequence
            assert verdict.captured_us == captured_us
            assert sent_ms - CLOSE_MS <= verdict.glance.at_ms <= got_ms + CLOSE_MS
            await asyncio.sleep(FRAME_S)
        closed = await call.closed()
    assert closed.frames_answered == closed.frames_received == FRAMES


async def test_cameras_with_clocks_of_their_own(small: Worker) -> None:
    """Off by an hour, drifting, counting from anywhere, or not at all."""
    async with asyncio.TaskGroup() as tasks:
        for number, clock in enumerate(CLOCKS.values(), 1):
            tasks.create_task(watch(small, number, clock))


async def test_cameras_whose_clocks_are_set_in_the_middle(small: Worker) -> None:
    """The frames after it are as good as those before."""
    async with asyncio.TaskGroup() as tasks:
        for number, by_s in enumerate((HOUR_S, -HOUR_S, 60.0, -60.0), 100):
            tasks.create_task(watch(small, number, CLOCKS["right"], set_by_s=by_s))


async def test_frames_of_a_session_that_was_opened_by_a_gateway_whose_clock_is_ahead(
    small: Worker,
) -> None:
    """Within five minutes it is taken; its seconds begin when the clocks agree."""
    async with small.channel() as channel:
        call = Call(channel)
        await call.opened(session_id=900, user_key=900, opened_at_us=now_us() + 240_000_000)
        await call.send(frame=a_frame(1))
        assert (await call.until("verdict")).verdict.glance.at_ms == 0
        await call.closed()
