"""The gateway as a process: starts, stops in peace, and names a wrong setting."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from rapt.cli.ports import free_ports

from gateway.config import PREFIX
from tests.waiting import wait_until

COMMAND = [sys.executable, "-m", "gateway", "serve"]


def environment_of(tmp_path: Path, **settings: str) -> dict[str, str]:
    """Return what a gateway with that data folder is told."""
    ours = {
        "LOCAL_TOKEN": "0123456789abcdef",
        "TICKET_KEY": "0123456789abcdef0123456789abcdef",
        "DATA": str(tmp_path),
    }
    named = {PREFIX + name: value for name, value in (ours | settings).items()}
    return {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | named


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_with_status_0(tmp_path: Path, number: signal.Signals) -> None:
    """Without worker, store or Redis, too."""
    listen = f"127.0.0.1:{free_ports(1)[0]}"
    environment = environment_of(tmp_path, LISTEN=listen)
    with subprocess.Popen(COMMAND, env=environment, stderr=subprocess.PIPE) as process:
        try:
            wait_until(lambda: _is_ready(f"http://{listen}/readyz"), "it is ready")
            process.send_signal(number)
            assert process.wait(60) == 0
        finally:
            process.kill()
        assert process.stderr is not None
        assert b"0123456789abcdef" not in process.stderr.read()


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"LISTNE": "127.0.0.1:1"}, "RAPT_GATEWAY_LISTNE"),
        ({"LISTEN": "8000"}, "RAPT_GATEWAY_LISTEN"),
        ({"TICKET_KEY": "short"}, "ticket_key"),
        ({"STORE_URL": "nonsense"}, "store URL"),
    ],
)
def test_a_wrong_setting_stops_the_start(
    tmp_path: Path, settings: dict[str, str], named: str
) -> None:
    """Status 2 and one sentence that names it."""
    done = subprocess.run(
        COMMAND,
        env=environment_of(tmp_path, **settings),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert named in done.stderr
    assert "Traceback" not in done.stderr


def _is_ready(url: str) -> bool:
    try:
        return httpx.get(url, trust_env=False, timeout=30).status_code == 200
    except httpx.TransportError:
        return False
