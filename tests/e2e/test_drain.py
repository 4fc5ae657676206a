"""A worker of two is told to stop while it measures a lesson."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import grpc
from rapt.cli.ports import free_ports
from rapt.leash import leashed

from tests.analytics.process import StoreProcess
from tests.e2e.students import lesson_before
from tests.gateway.running import config_for

STUDENTS = 40
READY_S = 60.0
STOP_S = 10.0
"""The bound: so long may a worker take to let its sessions go, and to send its rows."""


@contextmanager
def worker_at(port: int, folder: Path, store_url: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a worker that looks at nothing."""
    settings = {
        "LISTEN": f"127.0.0.1:{port}",
        "SPOOL": str(folder / f"spool-{port}"),
        "STORE_URL": store_url,
    }
    environ = os.environ | {f"RAPT_INFERENCE_{name}": value for name, value in settings.items()}
    with (folder / f"{port}.log").open("wb") as log:
        command = leashed([sys.executable, "-m", "tests.e2e.small_pool"])
        process = subprocess.Popen(command, env=environ, stdout=log, stderr=log)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


async def test_a_worker_under_load_stops_in_time_and_sheds_no_frame(tmp_path: Path) -> None:
    """Its students go on with the other one, and notice nothing."""
    ports = free_ports(2)
    with StoreProcess(tmp_path / "store") as store:
        url = store.url()
        with worker_at(ports[0], tmp_path, url) as stops, worker_at(ports[1], tmp_path, url):
            addresses = [f"127.0.0.1:{port}" for port in ports]
            for address in addresses:
                async with grpc.aio.insecure_channel(address) as channel:
                    await asyncio.wait_for(channel.channel_ready(), READY_S)
            config = config_for(tmp_path / "gateway", ",".join(addresses))
            async with lesson_before(config, STUDENTS) as lesson:
                stops.send_signal(signal.SIGTERM)
                status = await asyncio.to_thread(stops.wait, STOP_S)
                await lesson.until_all_measured(time.monotonic(), times=4)
        await lesson.read_facts(store)
    assert status == 0
    assert [student.sheds for student in lesson.students] == [[]] * STUDENTS
    lesson.assert_every_second_is_stored_once()
