"""How far does a worker step down when it cannot keep up, and when does it step up again?

Pure: `step(rung, signs, now_s)`. It is better to ask everyone for less than to answer some in time
and others never, so the cheapest loss comes first: frames, then detail, then optional measurements.
Only the last step leaves somebody out, and it says so.

One step at a time, down after `DOWN_AFTER_S` of trouble, up after `UP_AFTER_S` of ease: the load
between "trouble" and "ease" changes nothing, so the ladder cannot swing.
"""

from dataclasses import dataclass

STALE = 0.98  # below this fresh share is trouble
FULL = 0.9  # above this load is trouble
EASY = 0.7  # below this load is ease
DOWN_AFTER_S = 2.0
UP_AFTER_S = 30.0


@dataclass(frozen=True, slots=True)
class Terms:
    """What every stream of the worker is asked for, and gets, on one level."""

    level: int
    fps_milli: int
    """Frames per thousand seconds; below one in two seconds a state could not be followed."""
    width_px: int = 320
    redetect_s: float = 2.0
    """Seconds between two searches for faces in a stream that is followed."""
    is_small: bool = False
    """Whether a small picture must do."""
    has_expression: bool = True
    """Whether expressions are measured where they are allowed."""
    most_fps_milli: int = 30_000
    """A stream that sends more than this is refused the rest; a tenant's quota may lower it."""
    is_measured: bool = True
    """False when this stream is left out for now."""


LEVELS = (
    Terms(0, 2000),
    Terms(1, 1000),
    Terms(2, 500),
    Terms(3, 500, width_px=224, redetect_s=4.0, is_small=True),
    Terms(4, 500, width_px=224, redetect_s=4.0, is_small=True, has_expression=False),
    Terms(5, 500, width_px=224, redetect_s=4.0, is_small=True, has_expression=False),
)
LAST = len(LEVELS) - 1
"""Here new streams are refused, and the newest of whoever has most are left out."""


@dataclass(frozen=True, slots=True)
class Signs:
    """How the worker is doing."""

    fresh_share: float
    """Of the streams that send frames, those with an answer not older than they should be."""
    load: float
    """Device-seconds that a second of arriving frames needs in the best bucket."""


@dataclass(frozen=True, slots=True)
class Rung:
    """Where on the ladder, and since when something speaks for another place."""

    level: int = 0
    trouble_since_s: float | None = None
    ease_since_s: float | None = None


def step(rung: Rung, signs: Signs, now_s: float) -> Rung:
    """Return the rung from now on; at most one level away."""
    if signs.fresh_share < STALE or signs.load > FULL:
        since_s = now_s if rung.trouble_since_s is None else rung.trouble_since_s
        if now_s - since_s >= DOWN_AFTER_S:
            return Rung(min(rung.level + 1, LAST))
        return Rung(rung.level, trouble_since_s=since_s)
    if signs.load < EASY:
        since_s = now_s if rung.ease_since_s is None else rung.ease_since_s
        if now_s - since_s >= UP_AFTER_S:
            return Rung(max(rung.level - 1, 0))
        return Rung(rung.level, ease_since_s=since_s)
    return Rung(rung.level)
