"""What Ray is told through environment variables, because it hears it in no other way.

Set before Ray is imported. Who sets one of them otherwise is not contradicted.
"""

import os

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
FOR_RAY = {
    "RAY_USAGE_STATS_ENABLED": "0",  # nobody is told that it runs
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",  # everywhere: its own ports are on loopback alone
    "RAY_enable_metrics_collection": "0",  # workers have a Prometheus endpoint of their own
    "RAY_prestart_worker_first_driver": "0",  # processes that nobody asked for
    "RAY_DEDUP_LOGS": "0",
    "RAY_COLOR_PREFIX": "0",
    "RAY_DISABLE_WORKER_LOG_PREFIX": "1",  # a worker's line is JSON, and stays it
}
OF_OURS = ("RAY_USAGE_STATS_ENABLED", "RAY_DISABLE_WORKER_LOG_PREFIX")
"""Of this process, wherever the cluster is."""


def prepare(address: str) -> None:
    """Set what Ray reads; a cluster on other machines has settings of its own."""
    host = address.removeprefix("ray://").rpartition(":")[0]
    is_here = not address or host in LOOPBACK
    for name, value in FOR_RAY.items():
        if is_here or name in OF_OURS:
            os.environ.setdefault(name, value)
