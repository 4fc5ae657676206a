"""What Ray is asked for, and what an actor is told, with a Ray that only listens."""

from typing import Any

import pytest

from inference.config import InferenceConfig
from inference.pool.cluster import Cluster


class ListeningRay:
    """Has machines, and remembers which actors it was asked for."""

    def __init__(self, *machines: dict[str, float]) -> None:
        self._machines = machines
        self.options_of: list[dict[str, Any]] = []
        self.told: list[InferenceConfig] = []

    def nodes(self) -> list[dict[str, Any]]:
        """Return the machines."""
        return [{"Alive": True, "Resources": machine} for machine in self._machines]

    def remote(self, *words: Any) -> "ListeningRay":
        """Take a class, or what its actor is made with."""
        self.told += [word for word in words if isinstance(word, InferenceConfig)]
        return self

    def options(self, **options: Any) -> "ListeningRay":
        """Take what the actor needs."""
        self.options_of.append(options)
        return self


def begun(ray: ListeningRay, **settings: Any) -> tuple[dict[str, Any], InferenceConfig]:
    """Begin a worker; return what Ray was asked for, and what the worker was told."""
    nothing: Any = None
    Cluster(ray, is_own=True).begin(InferenceConfig(pool="ray", **settings), nothing)
    return ray.options_of[-1], ray.told[-1]


@pytest.mark.parametrize(
    ("machine", "asked", "told"),
    [
        pytest.param({"CPU": 16.0, "GPU": 2.0}, 1.0, 8.0, id="beside a GPU"),
        pytest.param({"CPU": 16.0}, 1.0, 1.0, id="on the processor"),
    ],
)
def test_a_worker_may_use_more_cores_than_it_holds(
    machine: dict[str, float], asked: float, told: float
) -> None:
    """So that Ray finds room for it by its GPU, and no core of the machine idles."""
    options, config = begun(ListeningRay(machine))
    assert (options["num_cpus"], config.worker_cpus) == (asked, told)


def test_folders_are_named_where_the_pool_was_started() -> None:
    """An actor's process begins elsewhere."""
    _, config = begun(ListeningRay({"CPU": 2.0}), models="models", spool="spool")
    assert config.models.startswith("/")
    assert config.spool.endswith("/spool")
