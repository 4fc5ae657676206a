"""`python -m inference serve` as a process: real models, real store, real signals."""

import asyncio
import json
import os
import signal
import struct
import subprocess
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import grpc
import httpx
import pytest
from rapt.cli.ports import free_ports
from rapt.limits import MAX_FRAME_BYTES
from rapt.v1 import perception_pb2 as pb

from analytics import queries
from analytics.scope import Scope
from analytics.store import open_store
from inference.__main__ import main
from inference.models.folder import ModelFolder
from tests.analytics.process import StoreProcess
from tests.inference.calling import WITHIN_S, Call, a_frame, an_event, now_us

READY_S = 120
_HEADER = b"IHDR" + struct.pack(">IIBBBBB", 20_000, 20_000, 8, 2, 0, 0, 0)
PNG_BOMB = (
    b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + _HEADER + struct.pack(">I", zlib.crc32(_HEADER))
)


class WorkerProcess:
    """One worker with a spool of its own."""

    def __init__(self, store_url: str, spool: Path, models: Path) -> None:
        self.port, self.metrics_port = free_ports(2)
        self.log = spool.with_suffix(".log")
        settings = {
            "LISTEN": f"127.0.0.1:{self.port}",
            "METRICS_LISTEN": f"127.0.0.1:{self.metrics_port}",
            "MODELS": str(models),
            "SPOOL": str(spool),
            "STORE_URL": store_url,
            "PROVIDER": "cpu",
        }
        self._environment = os.environ | {
            f"RAPT_INFERENCE_{name}": value for name, value in settings.items()
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; it may not be ready yet."""
        with self.log.open("ab") as log:
            command = [sys.executable, "-P", "-m", "inference", "serve"]
            self._process = subprocess.Popen(
                command, env=self._environment, stderr=log
            )  # our own command

    def end(self, number: signal.Signals) -> int:
        """Send a signal; return how it ended."""
        assert self._process is not None
        self._process.send_signal(number)
        return self._process.wait(WITHIN_S)

    def channel(self) -> grpc.aio.Channel:
        """Return a channel to it."""
        return grpc.aio.insecure_channel(f"127.0.0.1:{self.port}")


@contextmanager
def worker_process(store_url: str, spool: Path, models: Path) -> Iterator[WorkerProcess]:
    """Run a worker until the body is done."""
    worker = WorkerProcess(store_url, spool, models)
    worker.start()
    try:
        yield worker
    finally:
        if worker._process is not None and worker._process.poll() is None:
            worker.end(signal.SIGKILL)


@pytest.fixture
def portrait(models: Path) -> bytes:
    """Return a face as a webcam sends it."""
    picture = cv2.imread(str(ModelFolder(models).portrait("astronaut")))
    assert picture is not None
    return cv2.imencode(".jpg", cv2.resize(picture, (320, 320)))[1].tobytes()


async def test_a_session_reaches_the_store_over_a_kill(
    tmp_path: Path, models: Path, portrait: bytes
) -> None:
    """Frames become facts; SIGKILL loses nothing that was acknowledged; SIGTERM ends with 0."""
    with (
        StoreProcess(tmp_path / "store") as store,
        worker_process(store.url(), tmp_path / "spool", models) as worker,
    ):
        opened_at_us = now_us()
        await until_killed(worker, opened_at_us, portrait)
        worker.start()
        await until_closed(worker, opened_at_us, portrait)
        async with open_store(store.url("reader")) as reader:
            await until_stored(Scope(reader, 1))
            assert worker.end(signal.SIGTERM) == 0
            facts = await queries.session_facts(Scope(reader, 1), 11, 7)
            totals = await queries.totals(Scope(reader, 1), 7)
        seconds = [fact.t_s for fact in facts]
        assert len(seconds) == len(set(seconds)) >= 1
        assert (totals.interactions, totals.sessions) == (2, 1)
    for line in worker.log.read_text().splitlines():
        assert json.loads(line)["level"] in {"info", "warning"}, line


async def until_stored(scope: Scope) -> None:
    """Wait until the store has all: a worker that ends sends for two seconds and keeps the rest."""
    async with asyncio.timeout(WITHIN_S):
        while (await queries.totals(scope, 7)).interactions < 2:  # noqa: ASYNC110  a store tells nobody
            await asyncio.sleep(0.2)
        while not await queries.session_facts(scope, 11, 7):  # noqa: ASYNC110  a store tells nobody
            await asyncio.sleep(0.2)


async def until_killed(worker: WorkerProcess, opened_at_us: int, portrait: bytes) -> None:
    """Send bad and good frames until the worker dies in the middle of the call."""
    async with worker.channel() as channel:
        await asyncio.wait_for(channel.channel_ready(), READY_S)
        call = Call(channel)
        opened = await call.opened(opened_at_us=opened_at_us)
        assert opened.provider == "CPUExecutionProvider"
        assert opened.max_frame_bytes == MAX_FRAME_BYTES
        await call.send(player_event=an_event(1))
        await assert_unreadable_ones_are_answered(call, portrait)
        for sequence in range(11, 26):  # more than three seconds: facts come two seconds late
            await call.send(frame=a_frame(sequence, portrait))
            verdict = (await call.until("verdict")).verdict
            assert verdict.observation.faces == 1
            await asyncio.sleep(0.3)
        worker.end(signal.SIGKILL)


async def until_closed(worker: WorkerProcess, opened_at_us: int, portrait: bytes) -> None:
    """Open the session again and bring it to its end."""
    async with worker.channel() as channel, httpx.AsyncClient() as client:
        await asyncio.wait_for(channel.channel_ready(), READY_S)
        call = Call(channel)
        await call.opened(opened_at_us=opened_at_us, acked_event_seq=1)
        await call.send(player_event=an_event(2, kind=pb.EVENT_KIND_PAUSE))
        await call.until_acked(2)
        await call.send(frame=a_frame(1, portrait))
        await call.until("verdict")
        await call.closed()
        address = f"http://127.0.0.1:{worker.metrics_port}/metrics"
        metrics = (await client.get(address)).text
        assert "rapt_frames_answered_total 1.0" in metrics
        assert 'rapt_facts_saved_total{table="interactions"} 1.0' in metrics


async def assert_unreadable_ones_are_answered(call: Call, portrait: bytes) -> None:
    """Send what perception can not read; its reason is the reason on the wire."""
    cases = (
        (b"x" * 999, pb.SHED_REASON_REJECTED_NOT_AN_IMAGE),
        (portrait[: len(portrait) // 2], pb.SHED_REASON_REJECTED_TRUNCATED),
        (PNG_BOMB, pb.SHED_REASON_REJECTED_TOO_MANY_PIXELS),
    )
    for sequence, (image, reason) in enumerate(cases, start=1):
        await call.send(frame=a_frame(sequence, image))
        shed = (await call.until("shed")).shed
        assert (shed.frame_sequence, shed.reason) == (sequence, reason)


@pytest.mark.parametrize(
    ("environ", "word"),
    [
        pytest.param({}, "STORE_URL", id="no store"),
        pytest.param({"RAPT_INFERENCE_MAX_BACTH": "8"}, "MAX_BACTH", id="unknown name"),
        pytest.param({"RAPT_INFERENCE_THREADS": "65"}, "threads", id="too many"),
    ],
)
def test_a_wrong_setting_stops_the_start_with_a_sentence(
    environ: dict[str, str], word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit status 1 and one line that names it."""
    assert main(["serve"], environ) == 1
    said = capsys.readouterr().err
    assert word in said
    assert len(said.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("name", "value", "word"),
    [
        pytest.param("METRICS_LISTEN", "nowhere", "METRICS_LISTEN", id="metrics nowhere"),
        pytest.param("STORE_URL", "nowhere", "store", id="no address of a store"),
        pytest.param("MODELS", "/nowhere", "models build", id="no models"),
    ],
)
def test_a_start_that_fails_says_why_in_one_sentence(
    name: str, value: str, word: str, tmp_path: Path, models: Path
) -> None:
    """Exit status 1, no traceback."""
    settings = {
        "LISTEN": "127.0.0.1:0",
        "MODELS": str(models),
        "SPOOL": str(tmp_path / "spool"),
        "STORE_URL": "http://writer:secret@127.0.0.1:9/rapt",
    } | {name: value}
    environment = os.environ | {f"RAPT_INFERENCE_{key}": text for key, text in settings.items()}
    command = [sys.executable, "-P", "-m", "inference", "serve"]
    ended = subprocess.run(  # our own command
        command, env=environment, capture_output=True, text=True, timeout=READY_S, check=False
    )
    assert ended.returncode == 1
    assert word in ended.stderr.splitlines()[-1]
    assert "Traceback" not in ended.stderr
    assert "secret" not in ended.stderr
