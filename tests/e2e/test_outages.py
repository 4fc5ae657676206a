"""Services die or hang in the middle of a class: nothing acknowledged is lost, nothing is twice."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer
from typing import Any

import httpx
import pytest
from rapt.client import Rest
from rapt.v1 import viewing_pb2 as viewing

from demo.script import make_script
from demo.truth import retention, stored_interactions
from tests.e2e.held import HeldClass, end_class, start_class
from tests.e2e.peer import Peer, open_session
from tests.e2e.students import until
from tests.services import Services
from tests.waiting import wait_until

STUDENTS, SECONDS = 4, 30
WITHIN_S = 30.0  # for an answer of a gateway that has just lost somebody
EXACT = 1e-6
CAMERA_ON = 1  # flag in the third byte of a seat


@contextmanager
def class_in_progress(
    services: Services, json: Path, *, seconds: int = SECONDS
) -> Iterator[list[HeldClass]]:
    """Begin a class, hand over in the middle of it, and put its end into the list."""
    held: list[HeldClass] = []
    process = start_class(services, json, students=STUDENTS, seconds=seconds)
    try:
        wait_until(lambda: _facts_of_newest(services) >= 5 * STUDENTS, "the class goes on", 90)
        yield held
        held.append(end_class(process, json))
    finally:
        process.kill()
        process.wait()


def _get(services: Services, path: str) -> httpx.Response:
    running = services.running
    headers = {"authorization": f"Bearer {running.local_token}"}
    return httpx.get(f"{running.gateway_url}/v1/{path}", headers=headers, timeout=WITHIN_S)


def _facts_of_newest(services: Services) -> int:
    contents = _get(services, "contents").json()
    if not contents:
        return 0
    newest = max(contents, key=lambda content: content["created_at"])
    return int(_get(services, f"contents/{newest['id']}/totals").json()["facts"])


def assert_viewing_is_exact(services: Services, content_id: str) -> None:
    """What was played is stored to the millisecond, and every interaction once."""
    parts = make_script(students=STUDENTS, seconds=SECONDS)
    truth = retention(parts, SECONDS * 1000)
    path = f"contents/{content_id}"
    interactions, unique = stored_interactions(parts), pytest.approx(truth.unique(), abs=EXACT)
    wait_until(
        lambda: _get(services, f"{path}/totals").json()["interactions"] >= interactions,
        "every interaction is stored",
    )
    wait_until(  # sessions are sent behind their interactions
        lambda: _get(services, f"{path}/heatmap").json()["unique"] == unique,
        f"unique retention is {truth.unique()}",
    )
    heatmap = _get(services, f"{path}/heatmap").json()
    assert heatmap["unique"] == unique
    assert heatmap["absolute"] == pytest.approx(truth.absolute(), abs=EXACT)
    totals = _get(services, f"{path}/totals").json()
    assert totals["interactions"] == interactions
    assert totals["sessions"] == STUDENTS
    assert totals["duplicate_facts"] == 0


def test_store_killed_in_the_middle(fresh_services: Services, tmp_path: Path) -> None:
    """The writer keeps the facts until the store is back; the class notices nothing."""
    with class_in_progress(fresh_services, tmp_path / "report.json") as held:
        old = fresh_services.kill("store")
        fresh_services.wait_for_restart("store", old)
    assert held[0].is_sound, held[0].output


@pytest.mark.parametrize(
    ("seconds", "away_s"),
    [
        pytest.param(SECONDS, 10, id="10 s"),
        pytest.param(90, 60, id="60 s", marks=pytest.mark.long),
    ],
)
def test_store_hangs_in_the_middle(
    seconds: int, away_s: int, fresh_services: Services, tmp_path: Path
) -> None:
    """A store that answers nothing for a while delays the facts and loses none."""
    with class_in_progress(fresh_services, tmp_path / "report.json", seconds=seconds) as held:
        fresh_services.kill("store", signal.SIGSTOP)
        again = Timer(away_s, fresh_services.kill, ("store", signal.SIGCONT))
        again.start()
    again.join()
    assert held[0].is_sound, held[0].output


def test_inference_killed_in_the_middle(fresh_services: Services, tmp_path: Path) -> None:
    """The sessions go on in the new worker; viewing is exact, no second is missing or twice."""
    with class_in_progress(fresh_services, tmp_path / "report.json") as held:
        old = fresh_services.kill("inference")
        fresh_services.wait_for_restart("inference", old)
    content = held[0].content_id
    assert_viewing_is_exact(fresh_services, content)
    for session in _get(fresh_services, f"contents/{content}/sessions").json():
        facts = _get(fresh_services, f"sessions/{session['session_id']}/facts").json()
        begins_s = facts[0]["t_s"]  # the second in which its first call was opened
        assert [f["t_s"] for f in facts] == list(range(begins_s, begins_s + len(facts)))
        if session["exit_reason"] == "completed":  # who left early may not have seen it back
            assert any(fact["frames"] > 0 for fact in facts[-5:])


@pytest.mark.parametrize(
    "names",
    [
        pytest.param(("gateway",), id="gateway"),
        pytest.param(("gateway", "valkey"), id="gateway and valkey", marks=pytest.mark.long),
        pytest.param(("gateway", "store"), id="gateway and store", marks=pytest.mark.long),
        pytest.param(("gateway", "inference"), id="gateway and inference", marks=pytest.mark.long),
        pytest.param(("inference", "store"), id="inference and store", marks=pytest.mark.long),
    ],
)
def test_killed_in_the_middle(
    names: tuple[str, ...], fresh_services: Services, tmp_path: Path
) -> None:
    """Everyone comes back by the old ticket and says again what was not safe; viewing is exact."""
    with class_in_progress(fresh_services, tmp_path / "report.json") as held:
        killed = {name: fresh_services.kill(name) for name in names}
        for name, old in killed.items():
            fresh_services.wait_for_restart(name, old)
    content = held[0].content_id
    assert_viewing_is_exact(fresh_services, content)
    parts = make_script(students=STUDENTS, seconds=SECONDS)
    is_completed = {part.name: part.is_completed for part in parts}
    for session in _get(fresh_services, f"contents/{content}/sessions").json():
        expected = "completed" if is_completed[session["name"]] else "left"
        assert session["exit_reason"] == expected
        facts = _get(fresh_services, f"sessions/{session['session_id']}/facts").json()
        seconds = [fact["t_s"] for fact in facts]
        assert seconds == sorted(set(seconds))
        if "inference" not in names:  # the worker goes on where it was
            begins_s = seconds[0]  # the second in which its first call was opened
            assert seconds == list(range(begins_s, begins_s + len(seconds)))
    wait_until(lambda: _is_well(fresh_services), "all are well again")


async def test_valkey_killed_while_a_wall_is_watched(
    fresh_services: Services, portrait: bytes
) -> None:
    """Frames are measured and the wall of this gateway goes on; health tells the truth.

    Who would start it again is stopped meanwhile: else it may be back before anybody has looked.
    """
    running = fresh_services.running
    student = await open_session(running, "Ada")
    (content,) = _get(fresh_services, "contents").json()
    async with Rest(running.gateway_url, running.local_token) as rest:
        teacher = await rest.open_session(content["id"], "Grace", role="teacher")
    async with Peer(running, student) as peer, Peer(running, teacher) as wall:
        await wall.hello()
        await wall.send(viewing.ClientMessage(watch_wall=viewing.WatchWall()))
        assert (await wall.answer("wall")).wall.full
        await peer.hello()
        fresh_services.process.send_signal(signal.SIGSTOP)
        try:
            old = fresh_services.kill("valkey")
            await until(lambda: _health(fresh_services)["hub"] != "ok", "the loss is seen")
            await peer.send_frame(portrait, sequence=1)
            assert (await peer.answer("verdict")).verdict.sequence == 1
            while not any(
                flags & CAMERA_ON for flags in (await wall.answer("wall")).wall.telemetry[2::6]
            ):
                pass  # earlier pictures do not know of the frame
        finally:
            fresh_services.process.send_signal(signal.SIGCONT)
        await asyncio.to_thread(fresh_services.wait_for_restart, "valkey", old)
        await until(lambda: _is_well(fresh_services), "the hub is back")


def test_health_is_true_while_a_worker_hangs(fresh_services: Services) -> None:
    """Its connection stands, yet it answers nothing."""
    wait_until(lambda: _is_well(fresh_services), "all are there")
    fresh_services.kill("inference", signal.SIGSTOP)
    try:
        health = _health(fresh_services)
        assert health["status"] == "degraded"
        assert set(health["inference"].values()) == {"away"}
    finally:
        fresh_services.kill("inference", signal.SIGCONT)
    wait_until(lambda: _is_well(fresh_services), "the worker is back")


def _health(services: Services) -> dict[str, Any]:
    url = f"{services.running.gateway_url}/healthz"
    found: dict[str, Any] = httpx.get(url, timeout=WITHIN_S).json()
    return found


def _is_well(services: Services) -> bool:
    return bool(_health(services)["status"] == "ok")


async def test_gateway_says_when_measuring_pauses_and_resumes(
    fresh_services: Services, portrait: bytes
) -> None:
    """A person whose worker died is told, frames meanwhile are refused, later ones measured."""
    opened = await open_session(fresh_services.running, "Ada")
    async with Peer(fresh_services.running, opened) as peer:
        await peer.hello()
        await peer.send_frame(portrait, sequence=1)
        await peer.answer("verdict")
        fresh_services.kill("inference")
        paused = (await peer.answer("notice")).notice
        assert paused.code == viewing.NOTICE_CODE_MEASURING_PAUSED
        assert paused.text
        resumed = (await peer.answer("notice")).notice
        assert resumed.code == viewing.NOTICE_CODE_MEASURING_RESUMED
        await peer.send_frame(portrait, sequence=2)
        assert (await peer.answer("verdict")).verdict.sequence == 2
