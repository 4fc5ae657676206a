"""Node's gRPC client, which shares no code with ours, before our own services."""

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from rapt.cli.place import Place
from rapt.cli.setup import node_environ
from rapt.errors import Misconfigured

from benchmarks.peers import cache
from tests.conformance.conftest import Target

SOURCE = Path(__file__).with_name("grpc_js")
WITHIN_S = 60.0
READY = ".ready"


@pytest.fixture
def node(repository: Path) -> dict[str, str]:
    """Return the environment in which `node` and `npm` are found."""
    try:
        return node_environ(Place(environ=os.environ, repository=repository))
    except Misconfigured as error:
        pytest.skip(str(error))


@pytest.fixture
def client(request: pytest.FixtureRequest, node: dict[str, str]) -> Path:
    """Return the client with its packages; they are installed in a strict run alone."""
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(SOURCE.iterdir())))
    folder = cache(os.environ) / f"grpc_js-{digest.hexdigest()[:12]}"
    if not (folder / READY).exists():
        if not request.config.getoption("--strict-skips"):
            pytest.skip("@grpc/grpc-js is not installed; ./rapt test --strict installs it")
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(SOURCE, folder)
        command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
        done = subprocess.run(
            command, cwd=folder, env=node, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            pytest.skip(f"@grpc/grpc-js could not be installed: {done.stderr.strip()[-200:]}")
        (folder / READY).touch()
    return folder / "client.cjs"


def test_node_s_client_asks_a_model_and_observes(
    client: Path, node: dict[str, str], worker: Target, repository: Path
) -> None:
    """With the .proto files alone."""
    arguments = [worker.address, worker.token, str(worker.picture), str(repository / "proto")]
    program = shutil.which("node", path=node.get("PATH"))
    assert program is not None
    done = subprocess.run(
        [program, str(client), *arguments],
        env=node,
        capture_output=True,
        text=True,
        check=False,
        timeout=WITHIN_S,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    seen = json.loads(done.stdout)
    assert (seen["id"], seen["faces"]) == ("7", 1)
    assert (seen["kinds"][0], seen["kinds"][-1]) == ("opened", "closed")
    assert "verdict" in seen["kinds"]
