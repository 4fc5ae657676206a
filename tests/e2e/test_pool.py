"""A pool on real Ray: a worker is killed, a worker drains, and nobody in the lesson loses a second.

The device of these workers looks at nothing, so that forty students fit on two cores.
"""

import time
from pathlib import Path

import msgspec
import pytest
from rapt.v1 import perception_pb2 as perception

from tests.e2e.pooled import lesson_of
from tests.e2e.students import until

STUDENTS = 40
AGAIN_S = 3.0
"""The bound: after this long without its worker, every stream has a verdict from another one."""
MOST_NOISE_S = 0.6
"""Between two verdicts of a student who notices nothing: its own pause, and a busy machine."""

pytestmark = pytest.mark.xdist_group("pool")


async def test_a_worker_that_is_killed_under_load_is_missed_by_nobody(
    tmp_path: Path, valkey: str
) -> None:
    """Its students are measured again within three seconds; no fact is lost or doubled."""
    async with lesson_of(STUDENTS, tmp_path, valkey) as (lesson, pool):
        await lesson.until_all_measured(time.monotonic(), times=6)
        victim = pool.busiest()
        assert 0 < victim.streams < STUDENTS
        killed_s = time.monotonic()
        pool.kill(victim)
        await lesson.until_all_measured(killed_s, times=8)
        await until(lambda: len(pool.ready()) == 2, "Ray has begun another one")
    assert max(student.next_after_s(killed_s) for student in lesson.students) < AGAIN_S
    # The last verdict before the kill came up to a pause earlier, which is not the pool's doing.
    usual_s = max(student.longest_gap_s(killed_s) for student in lesson.students)
    noise_s = min(usual_s, MOST_NOISE_S)
    assert max(student.longest_gap_s() for student in lesson.students) < AGAIN_S + noise_s
    lesson.assert_every_second_is_stored_once()
    assert_each_worker_logs_events(pool.log)
    for student in lesson.students:  # at most the frame that was under way
        reasons = [shed.reason for shed in student.sheds]
        assert reasons in ([], [perception.SHED_REASON_REFUSED_UNAVAILABLE])


def assert_each_worker_logs_events(log: Path) -> None:
    """See that what the workers say is in the pool's log, a JSON object a line."""
    events = [
        msgspec.json.decode(line) for line in log.read_bytes().splitlines() if line.startswith(b"{")
    ]
    ready = [event["worker"] for event in events if event.get("state") == "ready"]
    assert sorted(set(ready)) == ["worker-0", "worker-1"]
    assert {event["process"] for event in events} == {"inference"}


@pytest.mark.long
async def test_a_worker_that_drains_sheds_no_frame(tmp_path: Path, valkey: str) -> None:
    """Its students move to the other one and are told nothing, for nothing happens to them."""
    async with lesson_of(STUDENTS, tmp_path, valkey) as (lesson, pool):
        leaving = pool.busiest()
        pool.take_over(leaving)
        await until(lambda: len(pool.ready()) == 1, "one leaves")
        await lesson.until_all_measured(time.monotonic(), times=6)
        await until(lambda: len(pool.ready()) == 2, "another one has its place")
        assert leaving.pid not in {entry.pid for entry in pool.ready()}
    assert [student.sheds for student in lesson.students] == [[]] * STUDENTS
    assert [student.notices for student in lesson.students] == [[]] * STUDENTS
    lesson.assert_every_second_is_stored_once()
