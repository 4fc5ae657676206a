"""A pool on real Ray: a worker is killed, a worker drains, and nobody in the lesson loses a second.

The device of these workers looks at nothing, so that forty students fit on two cores.
"""

import time
from itertools import pairwise
from pathlib import Path

import pytest
from rapt.v1 import perception_pb2 as perception

from tests.e2e.pooled import Lesson, Student, lesson_of, until

STUDENTS = 40
AGAIN_S = 3.0
"""The bound: after this long without its worker, every stream has a verdict from another one."""

pytestmark = pytest.mark.xdist_group("pool")


def longest_gap_s(student: Student) -> float:
    """Return the longest time between two verdicts."""
    return max(after - before for before, after in pairwise(student.verdicts_s))


def assert_every_second_is_stored_once(lesson: Lesson) -> None:
    """From the first to the last, with what was seen in it; and the goodbye tells the truth."""
    for student in lesson.students:
        facts = lesson.facts[student.session_id]
        assert [fact.t_s for fact in facts] == list(range(len(facts)))
        unseen = [fact.t_s for fact in facts if fact.frames == 0]
        assert len(unseen) <= AGAIN_S + 1, unseen
        assert student.closed is not None
        assert student.closed.acked_event_seq == student.seq
        assert student.closed.facts_written == len(facts)
        assert student.closed.frames_received == student.sent
        assert student.closed.frames_answered == len(student.verdicts_s)


async def test_a_worker_that_is_killed_under_load_is_missed_by_nobody(
    tmp_path: Path, valkey: str
) -> None:
    """Its students are measured again within three seconds; no fact is lost or doubled."""
    async with lesson_of(STUDENTS, tmp_path, valkey) as lesson:
        victim = lesson.pool.busiest()
        assert 0 < victim.streams < STUDENTS
        killed_s = time.monotonic()
        lesson.pool.kill(victim)
        await lesson.until_all_measured(killed_s, times=8)
        await until(lambda: len(lesson.pool.ready()) == 2, "Ray has begun another one")
    assert {longest_gap_s(student) < AGAIN_S for student in lesson.students} == {True}
    assert_every_second_is_stored_once(lesson)
    for student in lesson.students:  # at most the frame that was under way
        reasons = [shed.reason for shed in student.sheds]
        assert reasons in ([], [perception.SHED_REASON_REFUSED_UNAVAILABLE])


async def test_a_worker_that_drains_sheds_no_frame(tmp_path: Path, valkey: str) -> None:
    """Its students move to the other one and are told nothing, for nothing happens to them."""
    async with lesson_of(STUDENTS, tmp_path, valkey) as lesson:
        leaving = lesson.pool.busiest()
        lesson.pool.take_over(leaving)
        await until(lambda: len(lesson.pool.ready()) == 1, "one leaves")
        await lesson.until_all_measured(time.monotonic(), times=6)
        await until(lambda: len(lesson.pool.ready()) == 2, "another one has its place")
        assert leaving.pid not in {entry.pid for entry in lesson.pool.ready()}
    assert [student.sheds for student in lesson.students] == [[]] * STUDENTS
    assert [student.notices for student in lesson.students] == [[]] * STUDENTS
    assert_every_second_is_stored_once(lesson)
