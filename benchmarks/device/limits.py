"""How fast could this device be? Peaks of known cards; of a CPU what a matrix product reaches."""

import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

PEAKS = {
    "H200": (67.0, 4.8),
    "H100": (67.0, 3.35),
    "A100": (19.5, 2.0),
    "L40S": (91.6, 0.864),
    "L4": (30.3, 0.3),
    "A10": (31.2, 0.6),
    "T4": (8.1, 0.32),
}
"""TFLOP/s in fp32 without tensor cores, and TB/s of memory, as their vendor says."""
SIDE = 768
TRIES = 20
COPY_BYTES = 64 * 1024**2


@dataclass(frozen=True, slots=True)
class Limit:
    """A device and its peaks."""

    name: str
    flop_per_s: float
    bytes_per_s: float
    source: str
    """Where the peaks come from."""


def gpu_name() -> str:
    """Name of the first card, with memory and driver; empty where there is none."""
    query = ["nvidia-smi", "--query-gpu=name,memory.total,driver_version", "--format=csv,noheader"]
    try:
        said = subprocess.run(query, capture_output=True, text=True, check=True)  # noqa: S603 - our own words
    except (OSError, subprocess.CalledProcessError):
        return ""
    return said.stdout.strip().splitlines()[0] if said.stdout.strip() else ""


def limit_of(name: str) -> Limit:
    """Peaks of a card by its name, else of this CPU's one core as measured now."""
    for card, (tflop, tbyte) in PEAKS.items():
        if card in name.split(",", maxsplit=1)[0].replace("-", " ").split():
            return Limit(name, tflop * 1e12, tbyte * 1e12, "vendor")
    return Limit(name or "one core", _flop_per_s(), _bytes_per_s(), "measured")


def _flop_per_s() -> float:
    one = np.ones((SIDE, SIDE), np.float32)
    return max(2 * SIDE**3 / _seconds(lambda: one @ one) for _ in range(TRIES))


def _bytes_per_s() -> float:
    one, other = np.ones(COPY_BYTES, np.uint8), np.empty(COPY_BYTES, np.uint8)
    return max(2 * COPY_BYTES / _seconds(lambda: np.copyto(other, one)) for _ in range(TRIES))


def _seconds(work: Callable[[], object]) -> float:
    began_s = time.perf_counter()
    work()
    return time.perf_counter() - began_s
