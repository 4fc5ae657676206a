"""No child is left behind, whatever happens to whom."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from rapt.cli.supervise import shorten

from tests.cli import toys
from tests.waiting import is_alive, wait_until

NAMES = ("first", "second", "third")


@pytest.fixture
def parent(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Return a supervisor in a process of its own, with three toys that are ready."""
    command = [sys.executable, toys.__file__, str(tmp_path)]
    process = subprocess.Popen(command)
    try:
        wait_until(lambda: all((tmp_path / f"{name}.pid").exists() for name in NAMES), "toys run")
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_all_children_in_order(
    parent: subprocess.Popen[bytes], tmp_path: Path, number: signal.Signals
) -> None:
    """Whoever was started last ends first, and the supervisor ends well."""
    pids = [toys.pid_of(tmp_path, name) for name in NAMES]
    parent.send_signal(number)
    assert parent.wait(60) == 0
    assert not any(is_alive(pid) for pid in pids)
    assert (tmp_path / "ended").read_text().split() == ["third", "second", "first"]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with their parent")
def test_children_do_not_outlive_a_killed_parent(
    parent: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    """SIGKILL gives the supervisor no chance to clean up; the kernel does it."""
    pids = [toys.pid_of(tmp_path, name) for name in NAMES]
    parent.kill()
    parent.wait()
    wait_until(lambda: not any(is_alive(pid) for pid in pids), "no toy is left")


def test_ctrl_c_of_the_terminal_reaches_only_the_parent(
    parent: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    """Children live in sessions of their own, or the order of stopping would be lost."""
    sessions = {Path(f"/proc/{toys.pid_of(tmp_path, name)}/stat") for name in NAMES}
    ids = {path.read_text().rpartition(")")[2].split()[3] for path in sessions}
    ours = Path(f"/proc/{parent.pid}/stat").read_text().rpartition(")")[2].split()[3]
    assert len(ids) == len(NAMES)
    assert ours not in ids


def test_a_long_log_is_moved_aside_while_its_writer_goes_on(tmp_path: Path) -> None:
    """What was written is kept once, what comes after starts at the top."""
    log = tmp_path / "store.log"
    with log.open("ab") as writer:
        writer.write(b"old\n")
        writer.flush()
        shorten(log, limit_bytes=3)
        writer.write(b"new\n")
    assert log.read_bytes() == b"new\n"
    assert (tmp_path / "store.log.1").read_bytes() == b"old\n"


def test_a_short_log_stays(tmp_path: Path) -> None:
    """Nothing is moved below the limit."""
    log = tmp_path / "store.log"
    log.write_bytes(b"old\n")
    shorten(log, limit_bytes=4)
    assert log.read_bytes() == b"old\n"
    assert not (tmp_path / "store.log.1").exists()
