"""A worker of two is told to stop while it measures a lesson."""

import asyncio
import signal
import time
from pathlib import Path

from tests.analytics.process import StoreProcess
from tests.e2e.students import lesson_before
from tests.faults.worker import SMALL, worker_in
from tests.gateway.running import config_for

STUDENTS = 40
STOP_S = 10.0
"""The bound: so long may a worker take to let its sessions go, and to send its rows."""


async def test_a_worker_under_load_stops_in_time_and_sheds_no_frame(tmp_path: Path) -> None:
    """Its students go on with the other one, and notice nothing."""
    with StoreProcess(tmp_path / "store") as store:
        url = store.url()
        with (
            worker_in(tmp_path / "one", models=Path(), program=SMALL, store_url=url) as stops,
            worker_in(tmp_path / "two", models=Path(), program=SMALL, store_url=url) as stays,
        ):
            await asyncio.gather(stops.ready(), stays.ready())
            config = config_for(tmp_path / "gateway", f"{stops.address},{stays.address}")
            async with lesson_before(config, STUDENTS) as lesson:
                stops.process.send_signal(signal.SIGTERM)
                status = await asyncio.to_thread(stops.process.wait, STOP_S)
                await lesson.until_all_measured(time.monotonic(), times=4)
        await lesson.read_facts(store)
    assert status == 0
    assert [student.sheds for student in lesson.students] == [[]] * STUDENTS
    lesson.assert_every_second_is_stored_once()
