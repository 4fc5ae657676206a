"""The places of a pool: which worker is in each, and how all of them are doing together. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from inference.pool.actor import Report
from inference.pool.scaling import Signs

SILENT_S = 60.0  # a busy machine may need seconds, Ray to begin another process half a minute
PLACED_WITHIN_S = 15.0  # Ray starts a process in seconds, unless it has no room


@dataclass(slots=True)
class Slot:
    """One place; a process that dies is followed by another one in the same place."""

    number: int
    handle: Any  # of Ray, which has no type for it
    begun_s: float = math.inf
    """When Ray was asked for it, monotonic."""
    is_told: bool = False
    """Whether the operator was told that it has to wait."""
    report: Report | None = None
    """Newest one; None while it does not answer."""
    pid: int | None = None
    """Process that was seen last."""
    silent_since_s: float | None = None
    """Since when the process does not answer, monotonic; None while it does."""
    was_ready: bool = False
    restarts: int = 0
    refused: int = 0
    """Openings that its process has refused, as of the last look."""

    @property
    def is_ready(self) -> bool:
        """Whether it takes sessions."""
        entry = self.report.entry if self.report is not None else None
        return entry is not None and entry.state == "ready"

    def is_waiting(self, now_s: float) -> bool:
        """Tell whether it has had no process for so long that there seems to be no room for it."""
        return self.pid is None and now_s - self.begun_s > PLACED_WITHIN_S

    def is_frozen(self, now_s: float) -> bool:
        """Tell whether its process has not answered for so long that it will not any more."""
        return self.silent_since_s is not None and now_s - self.silent_since_s > SILENT_S

    def take(self, report: Report | None, now_s: float) -> int:
        """Note what it says; return how many openings it has refused since the last look."""
        self.report = report
        if report is None:
            if self.silent_since_s is None and self.pid is not None:
                self.silent_since_s = now_s
            return 0
        self.silent_since_s = None
        is_new = report.pid != self.pid
        if self.pid is not None and is_new:
            self.restarts += 1
        self.pid = report.pid
        self.was_ready = self.was_ready or self.is_ready
        refused = report.entry.refused if report.entry is not None else 0
        before, self.refused = 0 if is_new else self.refused, refused
        return max(refused - before, 0)


def free_number(slots: Sequence[Slot], leaving: Sequence[int]) -> int:
    """Return the lowest number that nobody has; one that leaves still has its own."""
    taken = {slot.number for slot in slots} | set(leaving)
    return next(number for number in range(len(taken) + 1) if number not in taken)


def to_retire(slots: Sequence[Slot], now_s: float) -> Slot:
    """Return the place that is missed least: one that waits, else the one that came last."""
    waiting = [slot for slot in slots if slot.is_waiting(now_s)]
    return (waiting or slots)[-1]


def signs_of(slots: Sequence[Slot], now_s: float, *, refused: int) -> Signs:
    """Return how a pool is doing, from its worst worker and the mean load."""
    entries = [
        slot.report.entry
        for slot in slots
        if slot.is_ready and slot.report is not None and slot.report.entry is not None
    ]
    waiting = sum(slot.is_waiting(now_s) for slot in slots)
    return Signs(
        ready=len(entries),
        warming=len(slots) - len(entries) - waiting,
        waiting=waiting,
        fresh_share=min((entry.fresh_share for entry in entries), default=1.0),
        age_p95_s=max((entry.age_p95_s for entry in entries), default=0.0),
        load=sum(entry.load for entry in entries) / max(len(entries), 1),
        refused=refused,
    )
