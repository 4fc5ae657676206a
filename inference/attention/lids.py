"""Are the lids closed, against this person's own eyes and the way they look?

Looking down is the trap: lids follow the gaze, so a reader's eyes look closed and no measure of the
opening alone can tell. Two rules answer it: what counts as open shrinks with downward gaze, and
lids that close while head or last gaze point down are only lowered: that speaks for "down" as much
as for "closed", and what was believed before decides.
"""

from dataclasses import dataclass
from enum import Enum

CLOSED_RATIO = 0.06
"""Eye aspect ratio of fully closed lids; measured 0.03 to 0.11, open 0.22 to 0.37."""
RATIO_PER_DEGREE = 0.0054
"""By how much the open ratio falls per degree of downward gaze, measured."""
MIN_OPEN_SHARE = 0.6
"""It falls to this share of its usual value at most."""
CLOSED_BELOW = 0.3
"""Openness below which lids count as closed."""
TRAP_DEG = 12.0
"""With head or gaze so far below usual, closed lids may be lowered ones."""


class LidPosition(Enum):
    """How the lids read."""

    OPEN = "open"
    LOWERED = "lowered"
    """Closed or looking down: nobody can tell."""
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Lids:
    """What the lids of one frame say."""

    openness: float
    """0 closed .. 1 open."""
    position: LidPosition


def read_lids(eye_aspect_ratio: float, open_ratio: float, down_deg: float) -> Lids:
    """Judge the lids of one frame.

    Args:
        eye_aspect_ratio: of this frame.
        open_ratio: of this person's open eyes.
        down_deg: degrees that head or last clear gaze point below usual, >= 0.
    """
    usual = max(open_ratio - RATIO_PER_DEGREE * down_deg, MIN_OPEN_SHARE * open_ratio)
    span = max(usual - CLOSED_RATIO, 0.02)
    openness = min(max((eye_aspect_ratio - CLOSED_RATIO) / span, 0.0), 1.0)
    if openness >= CLOSED_BELOW:
        return Lids(openness, LidPosition.OPEN)
    return Lids(openness, LidPosition.LOWERED if down_deg > TRAP_DEG else LidPosition.CLOSED)
