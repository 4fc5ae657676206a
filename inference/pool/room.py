"""How many workers have room on the machines of a cluster? Pure.

One for each GPU, or for each share of one, where there are GPUs; else one for so many cores.
A worker is on one machine and a share is of one GPU, so what is left over on two is not added up.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from rapt.errors import Misconfigured

from inference.config import PREFIX, InferenceConfig

ROUNDING = 1e-6  # three tenths hold three times one tenth


@dataclass(frozen=True, slots=True)
class Resources:
    """Of a machine, or what a worker takes of it."""

    cpus: float
    gpus: float


def needs(config: InferenceConfig, machines: Iterable[Resources]) -> Resources:
    """Return what a worker takes: of GPUs nothing where there are none, or it shall use none.

    Raises:
        Misconfigured: more than one GPU, but not a whole number of them.
    """
    gpus = config.worker_gpus
    if gpus > 1 and gpus % 1:
        raise Misconfigured(f"set {PREFIX}WORKER_GPUS to at most 1, or a whole number: not {gpus}")
    has_gpus = config.provider != "cpu" and any(machine.gpus for machine in machines)
    return Resources(config.worker_cpus, gpus if has_gpus else 0.0)


def room(machines: Iterable[Resources], each: Resources) -> int:
    """Return how many workers fit, on all machines together."""
    return sum(_on_one(machine, each) for machine in machines)


def cores_each(machines: Iterable[Resources], each: Resources) -> float:
    """Return the cores that any worker may use: of its machine, shared among those that fit on it.

    More than it takes where its GPU is what is scarce; the least of all machines, since nobody
    knows beforehand where it begins.
    """
    shares = [machine.cpus / fit for machine in machines if (fit := _on_one(machine, each))]
    return min(shares, default=each.cpus)


def _on_one(machine: Resources, each: Resources) -> int:
    by_cpus = _times(machine.cpus, each.cpus)
    if not each.gpus:
        return by_cpus
    if each.gpus < 1:
        return min(by_cpus, int(machine.gpus) * _times(1.0, each.gpus))
    return min(by_cpus, _times(machine.gpus, each.gpus))


def _times(whole: float, part: float) -> int:
    return int(whole / part + ROUNDING)
