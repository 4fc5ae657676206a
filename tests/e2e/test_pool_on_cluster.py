"""A pool on a cluster that was there before it, whose one GPU two workers share."""

import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from tests.e2e.pooled import Pool, lesson_of
from tests.e2e.ray_head import TOKEN, Head, ray_head
from tests.e2e.students import until

STUDENTS = 4
CPUS, GPUS = 4, 1
"""The GPU is a number that Ray counts with: these workers look at nothing."""

pytestmark = [pytest.mark.xdist_group("pool"), pytest.mark.long]


@pytest.fixture
def head(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Head]:
    """Return a cluster; the pool knows its token."""
    for name, value in TOKEN.items():
        monkeypatch.setenv(name, value)
    with ray_head(tmp_path, cpus=CPUS, gpus=GPUS) as head:
        yield head


def told(pool: Pool, event: str) -> list[dict[str, object]]:
    """Return the lines of an event in the pool's log."""
    lines = [line for line in pool.log.read_bytes().splitlines() if line.startswith(b"{")]
    return [line for line in map(msgspec.json.decode, lines) if line["event"] == event]


@pytest.mark.parametrize("way", ["address", "client_address"])
async def test_two_workers_share_a_gpu_and_a_third_is_said_to_wait(
    tmp_path: Path, valkey: str, head: Head, way: str
) -> None:
    """On the cluster's machine and through `ray://`: a lesson is measured, and nothing is left."""
    async with lesson_of(
        STUDENTS,
        tmp_path,
        valkey,
        ray_address=getattr(head, way),
        workers="3",
        min_workers="2",
        worker_cpus="0.5",
        worker_gpus="0.5",
    ) as (lesson, pool):
        await until(lambda: bool(told(pool, "worker_waits_for_room")), "the pool says so")
        await lesson.until_all_measured(time.monotonic(), times=4)
        assert [entry.name for entry in pool.ready()] == ["worker-0", "worker-1"]
        started, waiting = told(pool, "pool_started"), told(pool, "worker_waits_for_room")
        larger = told(pool, "pool_larger_than_cluster")
    assert [(line["gpus"], line["is_own"]) for line in started] == [(GPUS, False)]
    assert [(line["workers"], line["room"]) for line in larger] == [(3, 2)]
    assert [(line["worker"], line["needs_gpus"], line["free_gpus"]) for line in waiting] == [
        ("worker-2", 0.5, 0.0)
    ]
    assert [student.sheds for student in lesson.students] == [[]] * STUDENTS
    lesson.assert_every_second_is_stored_once()
