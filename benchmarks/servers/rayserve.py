"""Ray Serve 2.60: one replica with its batching, behind its HTTP proxy.

Its gRPC proxy listens on every interface and cannot be told otherwise.
"""

from pathlib import Path

from rapt.cli.ports import free_ports

from benchmarks.load.job import Speech, Target
from benchmarks.peers import peer
from benchmarks.servers.inside.sleep_model import MAX_BATCH
from benchmarks.servers.server import Recipe, Setting, appears

INSIDE = Path(__file__).with_name("inside")
ONGOING = 2 * MAX_BATCH
"""Tuned: one batch runs, one is filled. The default is 5, which no batch of 32 can come from."""

QUEUED = 2 * MAX_BATCH
"""Tuned: whatever is beyond is refused. By default it waits without an end."""

WAIT_S = 0.010
"""Tuned, times the scale; a shorter wait makes batches of one or two of what trickles in."""

BACKOFF_S = 0.01
"""Tuned: so long at most does its router leave a full replica alone; by default half a second."""


def recipe(folder: Path, setting: Setting) -> Recipe:
    """Return how it is started.

    Raises:
        Misconfigured: the environment could not be made.
    """
    (port,) = free_ports(1)
    counts = folder / "rayserve.counts"
    command = [str(peer("rayserve").python), str(INSIDE / "rayserve_app.py"), str(port)]
    command += [str(setting.scale), str(counts), str(folder)]
    command += [str(ONGOING), str(QUEUED), str(WAIT_S * setting.scale)] if setting.is_tuned else []
    return Recipe(
        name=setting.name("rayserve"),
        command=command,
        target=Target(speech=Speech.HTTP, address=f"127.0.0.1:{port}"),
        probe=appears(folder / "ready"),
        counts=counts,
        environ={
            "PYTHONPATH": str(INSIDE),
            "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",  # or it listens to the network
            "RAY_USAGE_STATS_ENABLED": "0",
            **(
                {"RAY_SERVE_ROUTER_RETRY_MAX_BACKOFF_S": str(BACKOFF_S)} if setting.is_tuned else {}
            ),
        },
        folder=folder,
    )
