"""Being told to stop at an awkward moment: in the middle of a start, twice, or by SIGKILL."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from rapt.cli.child import Child
from rapt.cli.place import hold
from rapt.cli.supervise import Supervisor
from rapt.errors import Misconfigured

from tests.cli import toys
from tests.services import START_S, services_in
from tests.waiting import is_alive, wait_until

KEEPER = """
import subprocess, sys
from pathlib import Path
from rapt.cli.place import hold
with hold(Path(sys.argv[1])) as lock:
    child = subprocess.Popen(["sleep", "600"], pass_fds=(lock,))
    print(child.pid, flush=True)
    child.wait()
"""


async def test_a_child_that_is_being_started_is_stopped_too(tmp_path: Path) -> None:
    """It is not known yet when `stop` looks for it."""
    child = Child(toys.toy(tmp_path, "toy"), tmp_path / "toy.log", lambda: None)
    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        group.create_task(child.keep())
        await asyncio.sleep(0)  # not a wait: `keep` runs up to its first one
        assert child.pid is None
        await child.stop()
    assert child.pid is None


async def test_a_second_signal_ends_everything_and_starts_nothing(tmp_path: Path) -> None:
    """A child that is killed while another one takes its time is not taken for dead."""
    ready = asyncio.Event()

    def changed(children: Sequence[Child]) -> None:
        if all(child.is_ready for child in children):
            ready.set()

    services = [
        toys.toy(tmp_path, "polite"),
        toys.toy(tmp_path, "stubborn", toys.STUBBORN, stop_grace_s=60),
    ]
    supervisor = Supervisor(services, tmp_path / "logs", on_change=changed)
    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        group.create_task(supervisor.run())
        await ready.wait()
        pids = [toys.pid_of(tmp_path, service.name) for service in services]
        os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGTERM)
    assert not any(is_alive(pid) for pid in pids)
    assert [child.deaths for child in supervisor.children] == [0, 0]
    assert [toys.pid_of(tmp_path, service.name) for service in services] == pids


def test_the_folder_is_held_until_the_last_child_of_a_killed_holder_ends(tmp_path: Path) -> None:
    """Whoever comes waits for it, and says so when it takes too long."""
    command = [sys.executable, "-c", KEEPER, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as keeper:
        assert keeper.stdout is not None
        child = int(keeper.stdout.readline())
        keeper.kill()
    expected = f"services of ./rapt up with process id {keeper.pid}, which was killed"
    with pytest.raises(Misconfigured, match=expected), hold(tmp_path, patience_s=0.1):
        pass
    os.kill(child, signal.SIGTERM)
    with hold(tmp_path):
        assert str(os.getpid()) in (tmp_path / "up.lock").read_text()


def test_a_folder_that_can_not_be_made_is_named(tmp_path: Path) -> None:
    """With the option that chooses another one."""
    (tmp_path / "file").write_text("")
    with pytest.raises(Misconfigured, match=r"can not be used: .*--data"), hold(tmp_path / "file"):
        pass


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with their parent")
def test_the_next_up_may_come_at_once_after_a_killed_one(tmp_path: Path, models: Path) -> None:
    """It waits for the services that still end, instead of failing on their locks."""
    with services_in(tmp_path / "data", models) as services:
        pids = services.running.pids
        services.process.kill()
        services.process.wait()
        with services_in(tmp_path / "data", models) as again:
            assert again.running.pid == again.process.pid
            wait_until(lambda: not any(map(is_alive, pids.values())), "no old service is left", 5)


def test_a_signal_in_the_middle_of_the_start_leaves_nothing(
    tmp_path: Path, models: Path, free_port: int
) -> None:
    """Nothing is ready yet; no process and no `run.json` stays, and the next start works."""
    data = tmp_path / "data"
    command = [sys.executable, "-P", "-m", "rapt", "up", "--no-setup", "--data", str(data)]
    command += ["--models", str(models), "--port", str(free_port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as up:
        wait_until((data / "logs/gateway.log").exists, "the services are started")
        up.send_signal(signal.SIGTERM)
        assert up.wait(60) == 0
    assert not (data / "run.json").exists()
    with hold(data, patience_s=0):
        pass


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is full")
def test_services_outlive_the_disk_of_the_terminal(
    tmp_path: Path, models: Path, free_port: int
) -> None:
    """Whoever redirects the output to a full disk loses the words only."""
    data = tmp_path / "data"
    command = [sys.executable, "-P", "-m", "rapt", "up", "--no-setup", "--data", str(data)]
    command += ["--models", str(models), "--port", str(free_port)]
    with (
        Path("/dev/full").open("w") as full,
        subprocess.Popen(command, stdout=full, stderr=full) as up,
    ):
        wait_until((data / "run.json").exists, "all are ready", START_S)
        up.send_signal(signal.SIGTERM)
        up.wait(60)
    assert not (data / "run.json").exists()
