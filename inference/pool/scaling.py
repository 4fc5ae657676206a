"""How many workers should there be? Pure: takes the time, never asks for it.

Students notice stale answers, not counters of calls: long sessions pin those. So a pool is short
when answers are late or missing, when openings are refused, or when its streams need all that its
devices can do; it has too many when one fewer would still be at ease. How busy the devices are
says nothing: they are nearly always busy at 40 % load. Both must last, shortage for seconds and
ease for a minute, and a worker that still warms up is waited for: so a pool does not swing.
One that the cluster has no room for is waited for as long as there is a shortage, without another.
"""

from dataclasses import dataclass, replace

SHORT_FOR_S = 5.0
EASY_FOR_S = 60.0
FRESH_SHARE = 0.98
"""Of the seconds with a camera, those that must have a verdict."""
AGE_S = 0.75
"""A student's frame is at most this old at its verdict, 95 of 100; the budget is a second."""
FULL = 0.85
"""Share of its device beyond which a worker asks everyone for fewer frames."""
EASY = 0.5
"""Share of their devices that the workers that stay may need."""
STEP = 0.25
"""By how much a pool grows at once, of what it has; by one at least."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Between what the pool may scale."""

    min_workers: int
    max_workers: int


@dataclass(frozen=True, slots=True)
class Signs:
    """How the pool is doing."""

    ready: int
    warming: int
    fresh_share: float
    """Of the worst worker."""
    age_p95_s: float
    """Of the worst worker."""
    load: float
    """Mean share of the devices that the streams need, 0..1; not how busy these are. A frame that
    replaces one that waits needs nothing."""
    refused: int
    """Openings refused since the last look."""
    waiting: int = 0
    """Workers that the cluster has no room for."""


@dataclass(frozen=True, slots=True)
class Trend:
    """What lasts; carried from look to look."""

    short_since_s: float | None = None
    easy_since_s: float | None = None


def wanted(trend: Trend, signs: Signs, limits: Limits, now_s: float) -> tuple[Trend, int]:
    """Return how many workers there should be, and the trend for the next look."""
    have = signs.ready + signs.warming + signs.waiting
    if not limits.min_workers <= have <= limits.max_workers:
        return Trend(), min(max(have, limits.min_workers), limits.max_workers)
    if signs.warming > 0 or signs.ready == 0:
        return Trend(), have
    trend = replace(
        trend,
        short_since_s=_since(trend.short_since_s, now_s, holds=is_short(signs)),
        easy_since_s=_since(trend.easy_since_s, now_s, holds=is_easy(signs)),
    )
    if _lasts(trend.short_since_s, SHORT_FOR_S, now_s) and not signs.waiting:
        return Trend(), min(have + max(int(have * STEP), 1), limits.max_workers)
    if _lasts(trend.easy_since_s, EASY_FOR_S, now_s):
        return Trend(), max(have - 1, limits.min_workers)
    return trend, have


def is_short(signs: Signs) -> bool:
    """Tell whether students get less than they should."""
    is_late = signs.fresh_share < FRESH_SHARE or signs.age_p95_s > AGE_S
    return is_late or signs.load > FULL or signs.refused > 0


def is_easy(signs: Signs) -> bool:
    """Tell whether one worker fewer would still be at ease."""
    if is_short(signs) or signs.waiting:
        return not is_short(signs)
    if signs.ready <= 1:
        return False
    return signs.load * signs.ready / (signs.ready - 1) < EASY


def _since(since_s: float | None, now_s: float, *, holds: bool) -> float | None:
    if not holds:
        return None
    return now_s if since_s is None else since_s


def _lasts(since_s: float | None, for_s: float, now_s: float) -> bool:
    return since_s is not None and now_s - since_s >= for_s
