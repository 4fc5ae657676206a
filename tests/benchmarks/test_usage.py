"""Processor time and memory of a process."""

import os
import sys

import pytest

from benchmarks.usage import usage_of


@pytest.mark.skipif(sys.platform != "linux", reason="there is no /proc on this system")
def test_a_busy_process_uses_time_and_memory() -> None:
    """Our own figures rise with what we do."""
    before = usage_of({"us": os.getpid()})["us"]
    total = sum(number * number for number in range(2_000_000))
    after = usage_of({"us": os.getpid()})["us"]
    assert total > 0
    assert after.cpu_s > before.cpu_s
    assert after.memory_mb > 1


def test_a_process_that_is_gone_is_left_out() -> None:
    """A service that ended has no figures."""
    assert usage_of({"nobody": 2**22 + 1}) == {}
