"""MediaPipe's face mesh in one process behind HTTP: what is usually built around it."""

from pathlib import Path

from rapt.cli.ports import free_ports

from benchmarks.load.job import Speech, Target
from benchmarks.peers import peer
from benchmarks.servers.server import Recipe, Setting, appears

INSIDE = Path(__file__).with_name("inside")
MESHES = 48
"""Made beforehand: as many as there are streams at most, a second or two each."""


def recipe(folder: Path, setting: Setting) -> Recipe:
    """Return how it is started.

    Raises:
        Misconfigured: the environment could not be made.
    """
    (port,) = free_ports(1)
    program, counts = INSIDE / "mediapipe_app.py", folder / "mediapipe.counts"
    return Recipe(
        name=setting.name("mediapipe"),
        command=[*map(str, (peer("mediapipe").python, program, port, folder, MESHES, counts))],
        target=Target(speech=Speech.HTTP, address=f"127.0.0.1:{port}", path="/{stream}"),
        probe=appears(folder / "ready"),
        counts=counts,
        environ={"GLOG_minloglevel": "2"},
        folder=folder,
    )
