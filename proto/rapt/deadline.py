"""When an answer stops being useful.

A budget (milliseconds) travels on the wire; it becomes a deadline, a point on this machine's
monotonic clock, on arrival. Absolute times never cross machines.
"""

from dataclasses import dataclass

DEFAULT_BUDGET_MS = 1000  # of a frame that names none
MAX_BUDGET_MS = 10_000


def budget_of(asked_ms: int) -> int:
    """Return the milliseconds that an answer may take, given what the frame asks for."""
    return min(asked_ms or DEFAULT_BUDGET_MS, MAX_BUDGET_MS)


@dataclass(frozen=True, slots=True, order=True)
class Deadline:
    """A point in monotonic time, seconds."""

    at_s: float

    @classmethod
    def after(cls, budget_ms: int, *, now_s: float) -> "Deadline":
        """Make the deadline of something that arrived now."""
        return cls(now_s + budget_ms / 1000)

    def left_s(self, now_s: float) -> float:
        """Return the seconds that are left; negative when it has passed."""
        return self.at_s - now_s

    def is_past(self, now_s: float) -> bool:
        """Return whether the answer would be stale."""
        return now_s >= self.at_s
