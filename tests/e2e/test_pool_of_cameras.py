"""`./rapt up --pool ray --workers 2` with the real networks: what an operator starts."""

import os
import signal
from pathlib import Path

import httpx
import pytest
from rapt.cli.top.places import announced
from rapt.placement import WorkerEntry

from tests.e2e.held import end_class, start_class
from tests.e2e.listening import listening_elsewhere
from tests.services import Services, services_in
from tests.waiting import wait_until

STUDENTS, SECONDS = 3, 24

pytestmark = pytest.mark.xdist_group("pool")


def workers_of(services: Services) -> list[WorkerEntry]:
    """Return the workers that take sessions, as they announce themselves."""
    entries = announced(services.running.redis_url)
    return [entry for entry in entries if entry.state == "ready"]


def get(services: Services, path: str) -> httpx.Response:
    """Ask the gateway."""
    running = services.running
    headers = {"authorization": f"Bearer {running.local_token}"}
    return httpx.get(f"{running.gateway_url}/v1/{path}", headers=headers, timeout=30)


@pytest.mark.long
def test_a_class_before_cameras_survives_the_death_of_a_worker(
    tmp_path: Path, models: Path
) -> None:
    """Frames, networks, facts and all; everything listens on loopback alone."""
    options = ("--pool", "ray", "--workers", "2")
    with services_in(tmp_path / "data", models, *options) as services:
        wait_until(lambda: len(workers_of(services)) == 2, "both workers are ready", 90)
        assert listening_elsewhere(services.running.pid) == []
        process = start_class(
            services, tmp_path / "report.json", students=STUDENTS, seconds=SECONDS
        )
        wait_until(
            lambda: sum(worker.streams for worker in workers_of(services)) == STUDENTS,
            "everyone is measured",
            60,
        )
        victim = max(workers_of(services), key=lambda worker: worker.streams)
        os.kill(victim.pid, signal.SIGKILL)
        held = end_class(process, tmp_path / "report.json")
        wait_until(lambda: len(workers_of(services)) == 2, "Ray has begun another one", 90)
        for session in get(services, f"contents/{held.content_id}/sessions").json():
            facts = get(services, f"sessions/{session['session_id']}/facts").json()
            begins_s = facts[0]["t_s"]  # the second in which its first call was opened
            assert [f["t_s"] for f in facts] == list(range(begins_s, begins_s + len(facts)))
            assert sum(fact["frames"] > 0 for fact in facts) >= len(facts) / 2
