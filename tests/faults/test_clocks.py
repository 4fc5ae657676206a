"""Clocks that disagree: verdicts keep coming, in time, and on the right seconds."""

import asyncio
import itertools
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from rapt.deadline import MAX_BUDGET_MS
from rapt.v1 import perception_pb2 as pb

from tests.faults.worker import SMALL, Worker, worker_in
from tests.inference.calling import GOOD, Call, a_frame, now_us

BEGAN_S = time.time()
FRAMES, FRAME_S, HOUR_S = 14, 0.4, 3600.0
CLOSE_MS = 10
"""What rounding and setting this machine's own clock may take in seconds."""
DRIFT = 500e-6
DRIFTING_FRAMES = 375
DRIFTED_MS = 30
"""What a clock drifts in a minute; while all those frames are sent it is 75."""
CLOCKS: dict[str, Callable[[float], float]] = {
    "right": lambda s: s,
    "an hour ahead": lambda s: s + HOUR_S,
    "an hour behind": lambda s: s - HOUR_S,
    "since it was switched on": lambda s: s - BEGAN_S,
    "before 1970": lambda s: s - 2 * BEGAN_S,
    "none": lambda _: 0.0,
    "stands still": lambda _: BEGAN_S,
}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    """Return a worker that looks at nothing."""
    folder = tmp_path_factory.mktemp("small")
    with worker_in(folder, models=Path(), program=SMALL) as worker:
        asyncio.run(worker.ready())
        yield worker


def a_calendar() -> Callable[[], float]:
    """Return what tells seconds since 1970, right now and by what nobody sets meanwhile."""
    offset_s = time.time() - time.monotonic()
    return lambda: offset_s + time.monotonic()


async def watch(
    worker: Worker,
    number: int,
    clock: Callable[[float], float],
    *,
    frames: int = FRAMES,
    drifted_ms: int = 0,
) -> None:
    """Send frames by a clock of one's own; see each answered, at the moment that it shows.

    Args:
        worker: that looks at them.
        number: of the session.
        clock: of the camera, from the right time.
        frames: how many, at least `FRAME_S` apart.
        drifted_ms: by which the clock may have drifted since a way was the shortest.
    """
    here_s = a_calendar()
    opened_s = here_s() - 5
    async with worker.channel() as channel:
        call = Call(channel)
        await call.opened(
            session_id=number, user_key=number, opened_at_us=round(opened_s * 1_000_000)
        )
        for sequence in range(1, frames + 1):
            sent_s = here_s()
            captured_us = round(clock(sent_s) * 1_000_000)
            await call.send(
                frame=pb.Frame(
                    sequence=sequence, captured_us=captured_us, image=GOOD, budget_ms=MAX_BUDGET_MS
                )
            )
            verdict = (await call.until("verdict")).verdict
            assert verdict.sequence == sequence
            assert verdict.captured_us == captured_us
            least_ms = 1000 * (sent_s - opened_s) - drifted_ms - CLOSE_MS
            assert least_ms <= verdict.glance.at_ms <= 1000 * (here_s() - opened_s) + CLOSE_MS
            await asyncio.sleep(FRAME_S)
        closed = await call.closed()
    assert closed.frames_answered == closed.frames_received == frames


async def test_cameras_with_clocks_of_their_own(small: Worker) -> None:
    """Off by an hour, counting from anywhere, or not at all."""
    async with asyncio.TaskGroup() as tasks:
        for number, clock in enumerate(CLOCKS.values(), 1):
            tasks.create_task(watch(small, number, clock))


@pytest.mark.long
async def test_cameras_whose_clocks_drift_for_minutes(small: Worker) -> None:
    """By 75 ms in the end; no frame is placed further off than a minute's drift of 30."""
    async with asyncio.TaskGroup() as tasks:
        for number, drift in enumerate((DRIFT, -DRIFT), 200):
            clock = partial(drifting, drift)
            tasks.create_task(
                watch(small, number, clock, frames=DRIFTING_FRAMES, drifted_ms=DRIFTED_MS)
            )


def drifting(drift: float, s: float) -> float:
    """Return what a clock shows that was right in the beginning."""
    return s + drift * (s - BEGAN_S)


async def test_cameras_whose_clocks_are_set_in_the_middle(small: Worker) -> None:
    """The frames after it are as good as those before."""
    async with asyncio.TaskGroup() as tasks:
        for number, by_s in enumerate((HOUR_S, -HOUR_S, 60.0, -60.0), 100):
            tasks.create_task(watch(small, number, set_by(by_s)))


def set_by(by_s: float) -> Callable[[float], float]:
    """Return a clock that is right for half of the frames."""
    looks = itertools.count(1)
    return lambda s: s + by_s * (next(looks) > FRAMES // 2)


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
