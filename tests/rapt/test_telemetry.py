"""A log that can not be written ends nothing."""

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
