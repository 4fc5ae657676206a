"""The life of the store process: start, stop, kill, and start again."""

import contextlib
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from analytics.store import open_store
from tests.analytics.process import StoreProcess
from tests.analytics.rows import fact, put
from tests.waiting import wait_until


@pytest.fixture
def process(tmp_path: Path) -> Iterator[StoreProcess]:
    """Return a store of one's own."""
    with StoreProcess(tmp_path / "data") as started:
        yield started


async def _count(process: StoreProcess) -> int:
    async with open_store(process.url()) as store:
        return int(await store.execute("SELECT count() FROM facts"))


async def test_nothing_acknowledged_is_lost_when_killed(process: StoreProcess) -> None:
    """Kill -9 in the middle of inserts: every one that was answered is there afterwards."""
    acknowledged = 0
    async with open_store(process.url()) as store:
        for n in range(20):
            await put(store, [fact(1, t_s=n * 50 + k) for k in range(50)], token=f"t{n}")
            acknowledged += 50
        process.kill()
    process.start()
    assert await _count(process) == acknowledged


@pytest.mark.parametrize("end", ["stop", "kill"])
async def test_a_token_is_remembered_over_a_restart(process: StoreProcess, end: str) -> None:
    """Rows that are sent again after a stop or a kill are there once, even without FINAL."""
    rows = [fact(1, t_s=n) for n in range(100)]
    for _ in range(2):
        async with open_store(process.url()) as store:
            await put(store, rows, token="same")  # noqa: S106  a deduplication token
        getattr(process, end)()
        process.start()
    assert await _count(process) == 100


def test_sigterm_is_a_clean_end(process: StoreProcess) -> None:
    """Exit status 0, with a statement under way answered first."""
    with socket.create_connection(("127.0.0.1", process.port)) as client:
        body = b"SELECT sleep(2)"
        client.sendall(
            b"POST / HTTP/1.1\r\nHost: x\r\nAuthorization: Basic d3JpdGVyOndyaXRlci1zZWNyZXQ=\r\n"
            b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
        )
        wait_until(lambda: _is_under_way(process), "the statement is under way")
        assert process.stop() == 0
        assert client.recv(1000).startswith(b"HTTP/1.1 200")
    assert "store_stopped" in process.log


def _is_under_way(process: StoreProcess) -> bool:
    """Tell whether the process has a statement in its engine, or has had the writer's."""
    with urllib.request.urlopen(f"http://127.0.0.1:{process.port}/metrics") as answer:
        page: bytes = answer.read()
    return (
        b"rapt_store_statements_running 1.0" in page
        or b'rapt_store_statements_total{account="writer"' in page
    )


def _refused(process: StoreProcess, **changes: str) -> str:
    """Start a second one; return what it says."""
    environment = process.environment() | changes
    ended = subprocess.run(
        [sys.executable, "-m", "analytics", "serve"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    return ended.stderr


def test_a_second_process_is_told_who_has_the_folder(process: StoreProcess) -> None:
    """In one sentence with the process id."""
    said = _refused(process, RAPT_ANALYTICS_LISTEN="127.0.0.1:0")
    assert f"already served by process {process.pid}" in said


def test_a_taken_port_is_said(process: StoreProcess, tmp_path: Path) -> None:
    """With the setting that mends it."""
    said = _refused(process, RAPT_ANALYTICS_DATA=str(tmp_path / "other"))
    assert "RAPT_ANALYTICS_LISTEN" in said


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param({"RAPT_ANALYTICS_READER_PASSWORD": ""}, "READER_PASSWORD", id="no password"),
        pytest.param({"RAPT_ANALYTICS_DATTA": "x"}, "DATTA", id="unknown setting"),
        pytest.param({"RAPT_ANALYTICS_MAX_QUERIES": "0"}, "max_queries", id="senseless value"),
    ],
)
def test_a_wrong_setting_stops_the_start(
    tmp_path: Path, changes: dict[str, str], said: str
) -> None:
    """The message names it."""
    assert said in _refused(StoreProcess(tmp_path / "data"), **changes)


def test_the_folder_is_free_after_a_kill(process: StoreProcess) -> None:
    """No stale lock; and the end of the next one is clean."""
    process.kill()
    process.start()
    assert process.stop() == 0


def test_headers_without_end_cost_no_memory(process: StoreProcess) -> None:
    """Nobody needs a password to send them."""
    with socket.create_connection(("127.0.0.1", process.port), timeout=60) as client:
        client.sendall(b"GET /ping HTTP/1.1\r\n")
        with contextlib.suppress(ConnectionError):
            for _ in range(2_000):
                client.sendall(b"x-more: and more\r\n" * 1_000)
            pytest.fail("it is read for ever")
    with socket.create_connection(("127.0.0.1", process.port), timeout=60) as client:
        client.sendall(b"GET /ping HTTP/1.1\r\nHost: x\r\n\r\n")
        assert client.recv(100).startswith(b"HTTP/1.1 200")
