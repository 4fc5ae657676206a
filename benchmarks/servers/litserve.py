"""LitServe 0.2.19: one worker with its batching, pictures as base64 in JSON, as its API wants."""

from pathlib import Path

from rapt.cli.ports import free_ports

from benchmarks.load.job import Speech, Target
from benchmarks.peers import peer
from benchmarks.servers.server import Recipe, Setting, answers_at

INSIDE = Path(__file__).with_name("inside")
WAIT_S = 0.002
"""Tuned: the default is not to wait."""

TIMEOUT_S = 0.110
"""Tuned by hand for a limit of 200 ms from the capture; the default is 30 s."""


def recipe(folder: Path, setting: Setting) -> Recipe:
    """Return how it is started.

    Raises:
        Misconfigured: the environment could not be made.
    """
    (port,) = free_ports(1)
    counts = folder / "litserve.counts"
    command = [str(peer("litserve").python), str(INSIDE / "litserve_app.py"), str(port)]
    command += [str(setting.scale), str(counts)]
    command += [str(WAIT_S), str(TIMEOUT_S)] if setting.is_tuned else []
    return Recipe(
        name=setting.name("litserve"),
        command=command,
        target=Target(
            speech=Speech.HTTP, address=f"127.0.0.1:{port}", path="/predict", is_json=True
        ),
        probe=answers_at(f"http://127.0.0.1:{port}/health"),
        counts=counts,
        folder=folder,
    )
