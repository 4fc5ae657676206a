"""One `./rapt up` per data folder."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from rapt.cli.place import hold
from rapt.errors import Misconfigured

from tests.waiting import wait_until

HOLDER = """
import sys, time
from pathlib import Path
from rapt.cli.place import hold
with hold(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(600)
"""


def test_a_second_one_is_told_who_holds_the_folder(tmp_path: Path) -> None:
    """By process id, with what to do."""
    expected = f"in use by ./rapt up with process id {os.getpid()}.*--data"
    with (
        hold(tmp_path / "data"),
        pytest.raises(Misconfigured, match=expected),
        hold(tmp_path / "data"),
    ):
        pass


def test_the_folder_is_private(tmp_path: Path) -> None:
    """Mode 0700: what is inside is nobody else's business."""
    with hold(tmp_path / "data"):
        assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700


def test_a_killed_holder_leaves_no_stale_lock(tmp_path: Path) -> None:
    """The kernel frees the lock."""
    command = [sys.executable, "-c", HOLDER, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        with pytest.raises(Misconfigured, match=str(holder.pid)), hold(tmp_path):
            pass
        holder.kill()
    wait_until(lambda: _can_hold(tmp_path), "the folder is free")


def _can_hold(data: Path) -> bool:
    try:
        with hold(data):
            return True
    except Misconfigured:
        return False
