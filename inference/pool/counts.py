"""What an operator sees of a pool as a whole; each worker has an endpoint of its own."""

from prometheus_client import CollectorRegistry, Counter, Gauge
from rapt.endpoint import Endpoint

from inference.config import PREFIX


class PoolCounts:
    """Series of one pool."""

    def __init__(self, listen: str | None) -> None:
        """Open the endpoint, if one is wanted.

        Raises:
            Misconfigured: the address is no address, or is taken.
        """
        self.registry = registry = CollectorRegistry()
        self._workers = Gauge("rapt_workers", "Workers of the pool", ["state"], registry=registry)
        self.restarts = Counter(
            "rapt_worker_restarts", "Workers that died and began again", registry=registry
        )
        if listen is not None:
            Endpoint(listen, registry, setting=f"{PREFIX}METRICS_LISTEN")

    def show(self, *, ready: int, warming: int, waiting: int, draining: int) -> None:
        """Say how many workers there are; those that wait have no room in the cluster."""
        numbers = {"ready": ready, "warming": warming, "waiting": waiting, "draining": draining}
        for state, number in numbers.items():
            self._workers.labels(state).set(number)
