"""Other people's clients, each in a process and an environment of its own, and what they see."""

import json
import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from rapt.cli.credentials import load_credentials
from rapt.errors import Misconfigured

from benchmarks.peers import Peer, is_made, peer
from tests.services import Services

CLIENTS = Path(__file__).with_name("clients")
WITHIN_S = 180.0


@dataclass(frozen=True, slots=True)
class Target:
    """What a client speaks to."""

    address: str
    token: str
    picture: Path


@pytest.fixture(scope="session")
def picture(portrait: bytes, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file with a face in it."""
    path = tmp_path_factory.mktemp("picture") / "face.jpg"
    path.write_bytes(portrait)
    return path


@pytest.fixture
def worker(running: Services, picture: Path) -> Target:
    """Return where a worker speaks gRPC."""
    token = load_credentials(running.data).inference_token
    return Target(running.running.inference_address, token, picture)


@pytest.fixture
def gateway(running: Services, picture: Path) -> Target:
    """Return where a gateway speaks HTTP."""
    address = running.running.gateway_url.removeprefix("http://")
    return Target(address, running.running.local_token, picture)


@pytest.fixture
def installed(request: pytest.FixtureRequest) -> Callable[[str], Peer]:
    """Return what finds an environment; one that is not there is made in a strict run alone."""

    def find(name: str) -> Peer:
        if not is_made(name) and not request.config.getoption("--strict-skips"):
            pytest.skip(f"{name} is not installed; ./rapt test --strict installs it")
        try:
            return peer(name)
        except Misconfigured as error:
            pytest.skip(str(error))

    return find


@pytest.fixture
def seen_by(installed: Callable[[str], Peer]) -> Callable[..., Any]:
    """Return what runs a client of a peer and returns what it has seen."""

    def run(name: str, script: str, *arguments: str) -> Any:
        command = [str(installed(name).python), str(CLIENTS / script), *arguments]
        done = subprocess.run(
            command,
            env={**os.environ, "PYTHONPATH": "", "GRPC_VERBOSITY": "NONE"},
            capture_output=True,
            text=True,
            check=False,
            timeout=WITHIN_S,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return json.loads(done.stdout[done.stdout.index("{") :])

    return run
