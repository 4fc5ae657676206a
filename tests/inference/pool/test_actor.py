"""One worker in a process that Ray would have made."""

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import sys, time
from inference.config import InferenceConfig
from inference.pool.actor import PoolWorker
from inference.pool.local import Loaded
from rapt.errors import Misconfigured
from tests.inference.calling import GOOD
from tests.inference.fakes import FakePipeline

def load(config):
    if sys.argv[1] == "misconfigured":
        raise Misconfigured("the models are not built")
    if sys.argv[1] == "broken":
        raise RuntimeError("a bug of ours")
    return Loaded(FakePipeline(), "small/1", warm_up=GOOD)

config = InferenceConfig(
    name="worker-0", listen="127.0.0.1:0", spool=sys.argv[2],
    store_url="http://writer:x@127.0.0.1:9/rapt",
)
worker = PoolWorker(config, load, lambda: sys.argv[3] == "first")
report = worker.stats()
while not (report.failure or (report.entry and report.entry.state == "ready")):
    time.sleep(0.01)
    report = worker.stats()
print(report.failure or report.entry.address, flush=True)
print(worker.stop())
"""


def run(tmp_path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run one to its end."""
    command = [sys.executable, "-c", PROGRAM, arguments[0], str(tmp_path / "spool"), *arguments[1:]]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_it_serves_says_where_and_stops(tmp_path: Path) -> None:
    """In a thread of its own, beside Ray's."""
    done = run(tmp_path, "well", "first")
    address, is_stopped = done.stdout.split()
    assert address.startswith("127.0.0.1:")
    assert is_stopped == "True"
    assert done.returncode == 0


def test_a_worker_that_fails_takes_its_process_with_it(tmp_path: Path) -> None:
    """Or Ray would not know that another one is needed."""
    done = run(tmp_path, "broken", "first")
    assert done.returncode == 1
    assert "a bug of ours" in done.stderr


@pytest.mark.parametrize(
    ("which", "status"),
    [pytest.param("first", 0, id="the first"), pytest.param("later", 1, id="one that follows")],
)
def test_wrong_settings_are_told_once(tmp_path: Path, which: str, status: int) -> None:
    """The first process stays and says why; one that was well before tries again."""
    done = run(tmp_path, "misconfigured", which)
    assert done.returncode == status
    assert ("not built" in done.stdout) == (which == "first")
