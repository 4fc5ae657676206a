"""NVIDIA's perf_analyzer, unchanged, before our own services."""

import base64
import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from rapt.errors import Misconfigured

from benchmarks.analyzer import Analyzer, analyzer
from benchmarks.peers import Peer
from inference.oip.tensors import element
from tests.conformance.conftest import Target

WITHIN_S = 180.0
FAST = ("--measurement-mode", "count_windows", "--measurement-request-count", "8", "-s", "99")
"""Enough to see that it works; how fast it is, benchmarks say."""


@pytest.fixture
def program(installed: Callable[[str], Peer]) -> Analyzer:
    """Return perf_analyzer."""
    installed("perf_analyzer")
    try:
        return analyzer()
    except Misconfigured as error:
        pytest.skip(str(error))


@pytest.fixture
def pictures(picture: Path, tmp_path: Path) -> Path:
    """Return the picture as perf_analyzer takes it: as it travels, with its length before it."""
    text = base64.b64encode(element(picture.read_bytes())).decode()
    path = tmp_path / "data.json"
    path.write_text(json.dumps({"data": [{"frame": {"content": {"b64": text}, "shape": [1]}}]}))
    return path


@pytest.mark.parametrize(
    "options",
    [
        pytest.param(("--concurrency-range", "2"), id="unary"),
        pytest.param(("--concurrency-range", "4", "--streaming", "--async"), id="stream"),
        pytest.param(("--request-rate-range", "20", "--async"), id="open loop"),
    ],
)
def test_it_measures_the_face_model(
    program: Analyzer, worker: Target, pictures: Path, options: tuple[str, ...]
) -> None:
    """To the end, with statistics of the server; it sends sequences, because the model has them."""
    command = program.command(["-m", "face", "-u", worker.address, "-i", "grpc", "--verbose-csv"])
    command += ["-H", f"authorization:Bearer {worker.token}", "--input-data", str(pictures)]
    command += ["--num-of-sequences", "2", "--sequence-length", "6", *FAST, *options]
    done = subprocess.run(
        command,
        env=program.environ(os.environ),
        capture_output=True,
        text=True,
        check=False,
        timeout=WITHIN_S,
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said[-3000:]
    assert "Throughput:" in said
    assert "queue" in said
    assert "compute infer" in said
