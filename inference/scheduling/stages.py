"""What a device did for one batch: which networks ran, how long, and what came out. Pure.

The engine learns its latencies from this; whatever runs on a device reports in these words.
"""

from dataclasses import dataclass
from typing import Generic, TypeVar

ResultT = TypeVar("ResultT")


@dataclass(frozen=True, slots=True)
class StageRun:
    """One run of one network."""

    stage: str
    """Name of the network, or of a step without one."""
    bucket: int
    """Rows that it ran, padding included."""
    items: int
    """Rows that were asked for, 1..bucket."""
    run_s: float


@dataclass(frozen=True, slots=True)
class Ran(Generic[ResultT]):
    """What came out of one batch."""

    results: list[ResultT]
    """One for each job, in order."""
    stages: tuple[StageRun, ...]
    """In the order of the runs."""
