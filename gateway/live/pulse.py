"""The pulse of a class: the median of its students' attention, with quartiles.

Pure. Below `k` students nothing is told but how many there are, so that nobody can be singled out.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PulsePoint:
    """The class at one second."""

    at_s: int
    """Seconds since 1970 UTC."""
    median: float | None
    low: float | None
    """Lower quartile."""
    high: float | None
    """Upper quartile."""
    n: int
    """Students in the median."""
    present: int


def pulse(attention: Sequence[float], *, present: int, at_s: int, k: int) -> PulsePoint:
    """Return the pulse of a class.

    Args:
        attention: trailing means, 0..1, one a measured student, in any order.
        present: students who are here, measured or not.
        at_s: seconds since 1970 UTC.
        k: fewest students of whom a median is told.
    """
    n = len(attention)
    if n < k:
        return PulsePoint(at_s, None, None, None, n, present)
    ordered = sorted(attention)
    low, median, high = (quantile(ordered, share) for share in (0.25, 0.5, 0.75))
    return PulsePoint(at_s, median, low, high, n, present)


def quantile(ordered: Sequence[float], share: float) -> float:
    """Return the value below which a share of the sorted values lies."""
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def thin(points: Sequence[PulsePoint], limit: int) -> list[PulsePoint]:
    """Return at most so many points, evenly taken, the newest always among them."""
    if len(points) <= limit:
        return list(points)
    step = -(-len(points) // limit)
    return list(points[::-1][::step])[::-1]


def join_history(stored: Sequence[PulsePoint], seen: Sequence[PulsePoint]) -> list[PulsePoint]:
    """Return what the store knows, and after its last second what was seen live."""
    end_s = stored[-1].at_s if stored else -1
    return [*stored, *(point for point in seen if point.at_s > end_s)]
