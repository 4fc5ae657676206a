"""A pool on real Ray grows and shrinks during a lesson, and frames go past Ray."""

import time
from pathlib import Path

import pytest

from tests.e2e.pooled import lesson_of
from tests.e2e.steered_pool import LOAD
from tests.e2e.students import PICTURE, until

STEERED = "tests.e2e.steered_pool"
STUDENTS = 3
MOST_STUDENTS = 24
"""That all of so many are placed on one of two workers happens once in a million runs."""
BUSY, FAIR, IDLE = 0.95, 0.6, 0.05
PICTURE_BYTES = 150_000
"""Ray puts into its store what is larger than 100 kB; smaller things travel inside of its calls."""
MARKS_BYTES = 1000  # that an actor is gone, for whoever asked it last

pytestmark = pytest.mark.xdist_group("pool")


class Hand:
    """Says how busy the devices of a pool are."""

    def __init__(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(LOAD, str(path))
        self._path = path
        self.say(FAIR)

    def say(self, load: float) -> None:
        """Let the pool read it at its next look."""
        draft = self._path.with_suffix(".new")
        draft.write_text(str(load))
        draft.replace(self._path)


async def test_a_pool_grows_and_shrinks_and_nobody_notices(
    tmp_path: Path, valkey: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From one to two to one: no frame is shed, no second is lost, and Ray's store stays empty."""
    hand = Hand(tmp_path / "load", monkeypatch)
    pool_of_one = {"workers": "1", "min_workers": "1", "max_workers": "2"}
    picture = PICTURE + bytes(PICTURE_BYTES)
    async with lesson_of(
        STUDENTS, tmp_path, valkey, module=STEERED, picture=picture, **pool_of_one
    ) as (lesson, pool):
        stored_bytes = pool.stored_bytes()
        hand.say(BUSY)
        await until(lambda: len(pool.ready()) == 2, "another one is ready")
        hand.say(FAIR)
        while not (second := pool.ready()[1]).streams:  # whoever comes now finds both
            assert len(lesson.students) < MOST_STUDENTS
            await lesson.invite(2)
        hand.say(IDLE)
        await until(lambda: second.pid not in {entry.pid for entry in pool.ready()}, "it leaves")
        await lesson.until_all_measured(time.monotonic(), times=4)
        assert pool.ready()[0].streams == len(lesson.students)
        assert pool.stored_bytes() < stored_bytes + MARKS_BYTES
        assert pool.stored_bytes(put=PICTURE_BYTES) >= stored_bytes + PICTURE_BYTES
    assert [student.sheds for student in lesson.students] == [[]] * len(lesson.students)
    assert [student.notices for student in lesson.students] == [[]] * len(lesson.students)
    lesson.assert_every_second_is_stored_once()
