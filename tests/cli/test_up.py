"""`./rapt up` with the four real processes."""

import signal
import socket
import stat
import sys
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from rapt.cli.credentials import load_credentials

from tests.cli.test_app import rapt
from tests.services import Services, services_in
from tests.waiting import is_alive, wait_until

NAMES = {"valkey", "store", "inference", "gateway"}
ANSWER_S = 60.0
LISTENING = "0A"  # in /proc/net/tcp
LOOPBACK = ("0100007F:", "0" * 24 + "01000000:", "0" * 16 + "FFFF00000100007F:")


def test_all_four_run_and_say_where(running: Services) -> None:
    """Each has a process, the gateway answers."""
    now = running.running
    assert set(now.pids) == NAMES
    assert all(is_alive(pid) for pid in now.pids.values())
    assert httpx.get(f"{now.gateway_url}/readyz", timeout=ANSWER_S).status_code == 200


def test_only_the_owner_reads_addresses_and_token(running: Services) -> None:
    """run.json holds the right to use everything."""
    for name in ("run.json", "secrets.json", "valkey/valkey.conf"):
        assert stat.S_IMODE((running.data / name).stat().st_mode) == 0o600, name
    assert stat.S_IMODE(running.data.stat().st_mode) == 0o700


def test_no_secret_is_in_a_list_of_processes_or_a_log(running: Services) -> None:
    """Other users of the machine see command lines; people send logs around."""
    now = running.running
    secrets = [now.local_token, now.redis_url.split("@")[0].rpartition(":")[2]]
    secrets.append(now.store_url.split("@")[0].rpartition(":")[2])
    shown = [Path(f"/proc/{pid}/cmdline").read_text() for pid in now.pids.values()]
    shown += [running.log(name) for name in NAMES]
    assert not [secret for secret in secrets for text in shown if secret in text]


def test_everything_listens_on_loopback_only(running: Services) -> None:
    """Unless told otherwise nobody on the network reaches us."""
    listening = [local for local, _, state in connections(running) if state == LISTENING]
    assert len(listening) >= len(NAMES)
    assert not [address for address in listening if not address.startswith(LOOPBACK)]


def test_nobody_outside_is_spoken_to(running: Services) -> None:
    """No library of ours calls home."""
    remotes = [remote for _, remote, state in connections(running) if state != LISTENING]
    assert remotes
    assert not [address for address in remotes if not address.startswith(LOOPBACK)]


def connections(services: Services) -> list[tuple[str, str, str]]:
    """Return local address, remote address and state of every TCP socket of the four processes."""
    inodes = {inode for pid in services.running.pids.values() for inode in open_files(pid)}
    return [
        (fields[1], fields[2], fields[3])
        for table in ("/proc/net/tcp", "/proc/net/tcp6")
        for fields in (line.split() for line in Path(table).read_text().splitlines()[1:])
        if f"socket:[{fields[9]}]" in inodes
    ]


def open_files(pid: int) -> set[str]:
    """Return what the process has open, "socket:[123]" for a socket."""
    found: set[str] = set()
    for link in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed meanwhile
            found.add(link.readlink().name)
    return found


def test_a_second_up_on_the_folder_says_who_has_it(running: Services) -> None:
    """And leaves the first alone."""
    done = rapt("up", "--no-setup", "--data", str(running.data), "--port", "1")
    assert done.returncode == 1
    assert f"process id {running.process.pid}" in " ".join(done.stderr.split())
    assert running.running.pid == running.process.pid


def test_a_taken_port_is_an_error_with_its_fix(running: Services, tmp_path: Path) -> None:
    """Nothing is started."""
    port = running.running.gateway_url.rpartition(":")[2]
    done = rapt("up", "--no-setup", "--data", str(tmp_path), "--port", port)
    assert done.returncode == 1
    assert f"cannot listen on 127.0.0.1:{port}: Address already in use" in done.stderr
    assert "--port" in done.stderr
    assert not (tmp_path / "run.json").exists()


def test_the_doctor_sees_what_runs(running: Services) -> None:
    """By name and process id."""
    done = rapt("doctor", "--data", str(running.data))
    for name, pid in running.running.pids.items():
        assert any(name in line and str(pid) in line for line in done.stdout.splitlines())


def test_a_killed_service_is_started_again(fresh_services: Services) -> None:
    """With the same address, and `run.json` follows."""
    before = fresh_services.running
    for name in ("valkey", "inference"):
        old_pid = fresh_services.kill(name)
        fresh_services.wait_for_restart(name, old_pid)
    after = fresh_services.running
    assert after.gateway_url == before.gateway_url
    assert after.inference_address == before.inference_address
    assert after.redis_url == before.redis_url
    assert after.pids["gateway"] == before.pids["gateway"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_everything_and_cleans_up(
    tmp_path: Path, models: Path, number: signal.Signals
) -> None:
    """Exit status 0, no `run.json`, no process."""
    with services_in(tmp_path / "data", models) as services:
        pids = services.running.pids
        services.process.send_signal(number)
        assert services.process.wait(60) == 0
        assert not (services.data / "run.json").exists()
        assert not [name for name, pid in pids.items() if is_alive(pid)]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with their parent")
def test_nothing_outlives_a_killed_up_and_the_next_one_starts(tmp_path: Path, models: Path) -> None:
    """Valkey, too, which orphans itself when nobody takes care."""
    with services_in(tmp_path / "data", models) as services:
        pids = services.running.pids
        services.process.kill()
        services.process.wait()
        wait_until(lambda: not any(map(is_alive, pids.values())), "no service is left")
    with services_in(tmp_path / "data", models) as services:
        assert services.running.pid == services.process.pid


def test_valkey_keeps_nothing_that_a_stranger_can_read(running: Services) -> None:
    """Without the password it answers nothing."""
    port = int(running.running.redis_url.rpartition(":")[2].partition("/")[0])
    with socket.create_connection(("127.0.0.1", port)) as stranger:
        stranger.sendall(b"KEYS *\r\n")
        assert stranger.recv(100).startswith(b"-NOAUTH")


def test_somebody_elses_store_and_redis_are_used(
    running: Services, models: Path, tmp_path: Path
) -> None:
    """Only what is missing is started: a ClickHouse and a Redis by URL are left where they are."""
    theirs = running.running
    password = load_credentials(running.data).writer_password
    store_url = f"http://writer:{password}@{theirs.store_url.rpartition('@')[2]}"
    options = ("--store-url", store_url, "--redis-url", theirs.redis_url)
    with services_in(tmp_path / "data", models, *options) as services:
        assert set(services.running.pids) == {"upkeep", "inference", "gateway"}
        assert services.running.redis_url == theirs.redis_url
        state = httpx.get(f"{services.running.gateway_url}/healthz", timeout=ANSWER_S).json()
        upkeep = httpx.get(services.running.metrics["upkeep"], timeout=ANSWER_S)
        assert "rapt_store_sessions_closed" in upkeep.text
    assert "nothing to do" in services.log("upkeep"), state
