"""What a process says, and that a log which can not be written ends nothing."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import structlog
from rapt.telemetry import start_logging
start_logging("toy")
for number in range(1000):
    structlog.get_logger().info("thing_done", number=number)
print("still here")
"""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is full")
def test_a_process_outlives_the_disk_of_its_log() -> None:
    """Lines are lost, the process is not."""
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM],
            stdout=subprocess.PIPE,
            stderr=full,
            text=True,
            check=False,
        )
    assert done.stdout == "still here\n"


LIBRARIES = """
import logging, structlog, threading
from rapt.telemetry import start_logging
start_logging("toy")
start_logging("toy", level="debug")
say = structlog.get_logger().debug
thread = threading.Thread(target=say, args=("thing_done",), kwargs={"took_s": 0.5})
thread.start()
thread.join()
try:
    1 / 0
except ZeroDivisionError:
    logging.getLogger("asyncio").exception("a task failed %s", "twice")
"""


def test_every_line_is_one_event_as_json() -> None:
    """Also what a thread says, and a library, with its stack in the same line."""
    command = [sys.executable, "-P", "-c", LIBRARIES]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    ours, theirs = (json.loads(line) for line in done.stderr.splitlines())
    assert (ours["event"], ours["level"], ours["took_s"]) == ("thing_done", "debug", 0.5)
    assert (theirs["event"], theirs["level"]) == ("library_warned", "error")
    assert (theirs["library"], theirs["detail"]) == ("asyncio", "a task failed twice")
    assert "ZeroDivisionError" in theirs["exception"]
    for line in (ours, theirs):
        assert line["process"] == "toy"
        assert line["timestamp"].endswith("Z")
