"""A pool on real Ray grows, shrinks and gives up a worker; and frames go past Ray."""

import asyncio
import os
import signal
import time
from pathlib import Path

import pytest

from tests.e2e.pooled import lesson_of
from tests.e2e.steered_pool import LOAD
from tests.e2e.students import PICTURE, until
from tests.waiting import is_alive

STEERED = "tests.e2e.steered_pool"
STUDENTS = 3
MOST_STUDENTS = 24
"""That all of so many are placed on one of two workers happens once in a million runs."""
BUSY, FAIR, IDLE = 0.95, 0.6, 0.05
PICTURE_BYTES = 150_000
"""Ray puts into its store what is larger than 100 kB; smaller things travel inside of its calls."""

pytestmark = pytest.mark.xdist_group("pool")


class Hand:
    """Says how a pool is doing."""

    def __init__(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(LOAD, str(path))
        self._path = path
        self.say(FAIR)

    def say(self, load: float, fresh_share: float = 1.0) -> None:
        """Let the pool read it at its next look."""
        draft = self._path.with_suffix(".new")
        draft.write_text(f"{load} {fresh_share}")
        draft.replace(self._path)


async def test_a_pool_grows_and_shrinks_and_nobody_notices(
    tmp_path: Path, valkey: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One to two to one, and two again: nothing is shed or lost, and Ray's store stays empty."""
    hand = Hand(tmp_path / "load", monkeypatch)
    pool_of_one = {"workers": "1", "min_workers": "1", "max_workers": "2"}
    picture = PICTURE + bytes(PICTURE_BYTES)
    async with lesson_of(
        STUDENTS, tmp_path, valkey, module=STEERED, picture=picture, **pool_of_one
    ) as (lesson, pool):
        stored_bytes = await asyncio.to_thread(pool.stored_bytes)
        hand.say(BUSY)
        await until(lambda: len(pool.ready()) == 2, "another one is ready")
        hand.say(FAIR)
        while not (taken := [entry for entry in pool.ready()[1:] if entry.streams]):
            assert len(lesson.students) < MOST_STUDENTS
            await lesson.invite(2)  # whoever comes now finds both
        (second,) = taken
        hand.say(IDLE)
        await until(lambda: second.pid not in {entry.pid for entry in pool.ready()}, "it leaves")
        await lesson.until_all_measured(time.monotonic(), times=4)
        everyone = [len(lesson.students)]
        await until(lambda: [entry.streams for entry in pool.ready()] == everyone, "one has all")
        later_bytes = await asyncio.to_thread(pool.stored_bytes)
        seen_bytes = await asyncio.to_thread(pool.stored_bytes, put=PICTURE_BYTES)
        hand.say(FAIR, fresh_share=0.9)
        await until(lambda: len(pool.ready()) == 2, "another one is ready, as verdicts are missing")
        hand.say(IDLE)  # so that the pool ends as it began
    assert later_bytes < stored_bytes + PICTURE_BYTES  # marks that an actor is gone are small
    assert seen_bytes >= stored_bytes + PICTURE_BYTES
    assert [student.sheds for student in lesson.students] == [[]] * len(lesson.students)
    assert [student.notices for student in lesson.students] == [[]] * len(lesson.students)
    lesson.assert_every_second_is_stored_once()


@pytest.mark.long
async def test_a_worker_that_is_frozen_is_begun_again(
    tmp_path: Path, valkey: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its process lives, so nobody but the pool can tell; meanwhile its students go elsewhere."""
    Hand(tmp_path / "load", monkeypatch)
    async with lesson_of(STUDENTS, tmp_path, valkey, module=STEERED) as (lesson, pool):
        frozen = pool.busiest()
        os.kill(frozen.pid, signal.SIGSTOP)
        await until(lambda: frozen.pid not in {entry.pid for entry in pool.ready()}, "it is missed")
        await lesson.until_all_measured(time.monotonic(), times=4)
        await until(lambda: len(pool.ready()) == 2, "another one has its place")
        assert frozen.pid not in {entry.pid for entry in pool.ready()}
        assert not is_alive(frozen.pid)
