"""How far does a worker step down when it cannot keep up, and when does it step up again?

Pure: `step(rung, signs, now_s)`. It is better to ask everyone for less than to answer some in time
and others never, so the cheapest loss comes first: frames, then detail, then optional measurements.
Only the last step leaves somebody out, and it says so.
The operator chooses the rate at the top; below it come 5, 2 and 1 frames a second, and every ladder
ends at one in two seconds, so that nobody is refused whom another ladder would let in.

One step at a time, down after `DOWN_AFTER_S` of trouble, up after `UP_AFTER_S` of ease: the load
between "trouble" and "ease" changes nothing, so the ladder cannot swing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

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
    """Frames per thousand seconds."""
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
    has_reuse: bool = False
    """Whether a picture like the one before may get its measurements."""


Levels = Sequence[Terms]

USUAL_FPS_MILLI = 2000
LOWEST_FPS_MILLI = 500
"""Below one frame in two seconds a state could not be followed."""
LOWER_FPS_MILLI = (5000, 2000, 1000)
WORTH_A_STEP = 2 / 3
"""A step down asks for no more than this share of the rate above it."""


def levels_of(fps_milli: int = USUAL_FPS_MILLI, *, has_reuse: bool = False) -> Levels:
    """Return the ladder below a rate, one level after the other.

    Args:
        fps_milli: frames per thousand seconds at level 0, 500 to 10,000: below that are no more
            steps than the ladder has.
        has_reuse: of every level.
    """
    lower = [fps for fps in LOWER_FPS_MILLI if fps <= WORTH_A_STEP * fps_milli]
    rates = [fps_milli, *lower, *[LOWEST_FPS_MILLI] * 5]
    top = Terms(0, fps_milli, has_reuse=has_reuse)
    small = replace(top, width_px=224, redetect_s=4.0, is_small=True)
    last = replace(small, has_expression=False)
    kinds = (top, top, top, small, last, last)
    return tuple(
        replace(kind, level=level, fps_milli=rates[level]) for level, kind in enumerate(kinds)
    )


LEVELS = levels_of()
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
