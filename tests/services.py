"""The real services, started as a user starts them: fixtures for every test that needs them.

`running` is shared by a whole test run; `fresh_services` belongs to one test that breaks things.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from rapt.address import Address
from rapt.cli.place import Place
from rapt.cli.ports import free_ports
from rapt.cli.services import valkey_binary
from rapt.cli.testing import chromium_of
from rapt.errors import Unavailable
from rapt.leash import leashed
from rapt.running import Running, read_running

from tests.waiting import is_alive, wait_until

REPOSITORY = Path(__file__).resolve().parents[1]
START_S = 120.0  # beside another test that starts as much
STOP_S = 60.0


@dataclass(frozen=True, slots=True)
class Services:
    """One `./rapt up` and its data folder."""

    data: Path
    process: subprocess.Popen[bytes]

    @property
    def running(self) -> Running:
        """Addresses and process ids as they are now: ids change when a service is restarted."""
        return read_running(self.data)

    def kill(self, name: str, number: signal.Signals = signal.SIGKILL) -> int:
        """Send a service a signal; return the process id it had."""
        pid = self.running.pids[name]
        os.kill(pid, number)
        return pid

    def wait_for_restart(self, name: str, old_pid: int, within_s: float = START_S) -> None:
        """Return when the service runs again as another process."""
        wait_until(
            lambda: self.running.pids.get(name, old_pid) != old_pid,
            f"{name} is started again",
            within_s,
        )

    def log(self, name: str) -> str:
        """Return what the service has said so far."""
        return (self.data / "logs" / f"{name}.log").read_text(errors="replace")


@contextmanager
def services_in(data: Path, models: Path, *options: str) -> Iterator[Services]:
    """Start all four with a data folder, stop them at the end, leave nothing behind."""
    output = data.with_name(data.name + ".out")
    command = [sys.executable, "-P", "-m", "rapt", "up", "--no-setup"]
    command += ["--data", str(data), "--models", str(models)]
    command += ["--port", str(free_ports(1)[0]), *options]
    with output.open("wb") as file:
        process = subprocess.Popen(
            leashed(command), stdout=file, stderr=file, stdin=subprocess.DEVNULL
        )
    services = Services(data, process)
    try:
        wait_until(lambda: _is_up(services), "all services are ready", START_S)
        assert process.poll() is None, f"./rapt up ended:\n{output.read_text()}"
        pids = services.running.pids
        yield services
        pids |= services.running.pids if (data / "run.json").exists() else {}
    finally:
        process.terminate()
        process.wait(STOP_S)
    left = [name for name, pid in pids.items() if is_alive(pid)]
    assert not left, f"left behind: {left}"


def _is_up(services: Services) -> bool:
    if services.process.poll() is not None:
        return True
    try:
        return services.running.pid == services.process.pid
    except Unavailable:
        return False


@pytest.fixture(scope="session")
def repository() -> Path:
    """Return the checkout."""
    return REPOSITORY


@pytest.fixture(scope="session")
def models() -> Path:
    """Return the folder of the built models."""
    folder = REPOSITORY / ".rapt/models"
    assert folder.exists(), "the models are not built; run ./rapt models build"
    return folder


@pytest.fixture
def free_port() -> int:
    """Return a port of the loopback interface that nobody has."""
    return free_ports(1)[0]


@pytest.fixture(scope="session")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of a real, empty Valkey server."""
    folder = tmp_path_factory.mktemp("valkey")
    port = free_ports(1)[0]
    with valkey_at(Address("127.0.0.1", port), folder):
        yield f"redis://127.0.0.1:{port}/0"


@contextmanager
def valkey_at(address: Address, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a Valkey server that keeps nothing and does not outlive us."""
    command = [str(valkey_binary()), "--bind", address.host, "--port", str(address.port)]
    command = leashed([*command, "--dir", str(folder), "--save", ""])
    with (folder / "valkey.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    try:
        log_path = folder / "valkey.log"
        wait_until(lambda: b"Ready to accept" in log_path.read_bytes(), "Valkey is ready")
        yield process
    finally:
        process.terminate()
        process.wait(STOP_S)


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Iterator[Services]:
    """Return the four services; shared, so leave them as they were."""
    with services_in(tmp_path_factory.mktemp("up") / "data", models) as services:
        yield services


@pytest.fixture
def fresh_services(tmp_path: Path, models: Path) -> Iterator[Services]:
    """Return four services of this test's own."""
    with services_in(tmp_path / "data", models) as services:
        yield services


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the browser's program; without one the test is left out, loudly."""
    found = chromium_of(Place(environ=os.environ))
    if found is None:
        pytest.skip("there is no Chromium; install it or name it with RAPT_CHROMIUM")
    return found
