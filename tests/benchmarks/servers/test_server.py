"""Servers under test: started, measured, ended with all that they started."""

import os
import sys
from pathlib import Path

import pytest
from rapt.errors import Unavailable

from benchmarks.load.job import Speech, Target
from benchmarks.servers.server import Recipe, appears, running
from benchmarks.usage import tree_of
from tests.waiting import is_alive, wait_until

PARENT = """
import pathlib, subprocess, sys, time
command = [sys.executable, "-c", "import time; time.sleep(60)"]
child = subprocess.Popen(command, start_new_session=True)
pathlib.Path("child").write_text(str(child.pid))
pathlib.Path("ready").touch()
time.sleep(60)
"""


def a_recipe(folder: Path, program: str) -> Recipe:
    """Return a server that is a Python program."""
    return Recipe(
        name="server",
        command=[sys.executable, "-c", program],
        target=Target(speech=Speech.HTTP, address="127.0.0.1:1"),
        probe=appears(folder / "ready"),
        counts=None,
        folder=folder,
    )


async def test_what_a_server_started_ends_with_it(tmp_path: Path) -> None:
    """A child that made a session of its own, too: some servers leave daemons behind."""
    async with running(a_recipe(tmp_path, PARENT)) as server:
        child = int((tmp_path / "child").read_text())
        reading = server.reading()
        assert {server.pid, child} <= set(reading.tree.started_s)
        assert reading.tree.peak_mb > 5
        assert reading.counts.runs == 0
    assert tree_of(server.pid).started_s == {}
    wait_until(lambda: not is_alive(child), "the child ends, too")


async def test_a_server_that_fails_says_its_last_words(tmp_path: Path) -> None:
    """The reader need not look for a log."""
    program = "raise SystemExit('no model here')"
    with pytest.raises(Unavailable, match="no model here"):
        async with running(a_recipe(tmp_path, program)):
            pass


def test_a_tree_that_is_gone_is_empty() -> None:
    """A number that no process has is no error."""
    assert tree_of(2**22 + 1).started_s == {}
    assert os.getpid() in tree_of(os.getpid()).started_s
