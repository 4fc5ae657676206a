"""A Ray cluster of one machine, started as an operator starts one: `ray start --head`."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from rapt.cli.ports import free_ports
from rapt.leash import leashed

from inference.pool.environment import FOR_RAY
from tests.waiting import wait_until

HOST = "127.0.0.1"
START_S = 90.0
STOP_S = 60.0
TOKEN = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": "0123456789abcdef" * 4}
"""What a process needs that speaks to the cluster."""


@dataclass(frozen=True, slots=True)
class Head:
    """Where the cluster is."""

    address: str
    """For programs on its machines."""
    client_address: str
    """For programs anywhere."""


@contextmanager
def ray_head(folder: Path, *, cpus: int, gpus: int) -> Iterator[Head]:
    """Run a cluster until the body is done.

    Args:
        folder: for the log.
        cpus: how many it believes that it has.
        gpus: the same; nobody has to have any.
    """
    port, client_port, agent_port = free_ports(3)
    log = folder / "head.log"
    with TemporaryDirectory(prefix="ray") as short:  # a socket's path has at most 107 bytes
        command = [
            str(Path(sys.executable).with_name("ray")),
            *("start", "--head", "--block", "--disable-usage-stats", "--include-dashboard=false"),
            *(f"--node-ip-address={HOST}", f"--port={port}"),
            *(f"--ray-client-server-port={client_port}", f"--temp-dir={short}"),
            f"--dashboard-agent-listen-port={agent_port}",
            *("--min-worker-port=0", "--max-worker-port=0", "--object-store-memory=83886080"),
            *(f"--num-cpus={cpus}", f"--num-gpus={gpus}"),
        ]
        with log.open("wb") as file:
            process = subprocess.Popen(
                leashed(command), env=os.environ | FOR_RAY | TOKEN, stdout=file, stderr=file
            )
        try:
            wait_until(
                lambda: process.poll() is not None or "runtime started" in log.read_text(),
                "the cluster has begun",
                START_S,
            )
            assert process.poll() is None, log.read_text()
            yield Head(f"{HOST}:{port}", f"ray://{HOST}:{client_port}")
        finally:
            process.terminate()
            process.wait(STOP_S)
