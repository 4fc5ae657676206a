"""Are the lids closed, against this person's own eyes and the way they look?

Looking down is the trap: lids follow the gaze, so a reader's eyes look closed and neither the
opening nor the eye network can tell alone. Two rules answer it: what counts as open shrinks with
downward gaze, and lids that close while head or last gaze point down are only lowered: that speaks
for "down" as much as for "closed", and what was believed before decides. Lids that were closed
before the head sank stay closed.

The opening decides. The word of an eye network, where there is one, is heeded for half-open lids
alone, and only when it is sure that they are closed: it takes shut lids for open ones (behind
glasses it says below 0.1 of lids that the landmarks put at 0.07), so a word of it that could open
lids, or take narrow ones out of the count, would swallow blinks and sleep.

What is open and what is closed is the person's own: quantiles of a histogram of the opening that
fades. Frames with closed lids are counted only up to a share of all, so that a long sleep does not
become the usual opening.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from inference.attention.histogram import (
    COUNT_S,
    F32,
    F64,
    bounded,
    fading,
    is_due,
    quantiles,
)

BIN_RATIO = 0.01
BINS = 50
EDGES: F64 = np.linspace(0, BINS * BIN_RATIO, BINS + 1)

OPEN_RATIO = 0.30
"""Eye aspect ratio of open eyes of a person never seen before."""
CLOSED_RATIO = 0.06
"""Of fully closed lids; measured 0.03 to 0.11, open 0.22 to 0.37."""
OPEN_QUANTILE, CLOSED_QUANTILE = 0.9, 0.05
MAX_CLOSED_OF_OPEN = 0.4
"""Above this share of the open ratio, the lowest openings are no closed lids."""
MAX_CLOSED_SHARE = 0.1
"""Closed lids are counted up to this share of what is counted."""
PRIOR_COUNTS = 10.0
"""Half seconds that the priors weigh."""
RATIO_PER_DEGREE = 0.0054
"""By how much the open ratio falls per degree of downward gaze, measured."""
MIN_OPEN_SHARE = 0.6
"""It falls to this share of its usual value at most."""
MIN_SPAN = 0.02

CLOSED_BELOW = 0.3
"""Openness below which lids read as closed: closed lids of people never seen before measure up to
0.11, which is 0.25 of an opening of 0.26; open ones stay above 0.5 of their own."""
WIDE_FROM = 0.6
"""Between the two the lids are half open: an eye network that is sure may close them."""
SURELY_CLOSED = 0.9
"""What it says then. On 315 frames of one person read by eye it says at most 0.02 of 95 in 100 open
lids."""
TRAP_DEG = 12.0
"""With head or gaze so far below usual, closed lids may be lowered ones."""


class LidPosition(IntEnum):
    """How the lids read."""

    OPEN = 1
    LOWERED = 2
    """Closed or looking down: nobody can tell."""
    CLOSED = 3


@dataclass(frozen=True, slots=True)
class Lids:
    """What the lids of one frame say."""

    openness: float
    """0 closed .. 1 open."""
    position: LidPosition


@dataclass(frozen=True, slots=True, eq=False)
class Opening:
    """How far this person's eyes open."""

    counts: F32
    """(BINS,) of half seconds, fading."""
    open_ratio: float = OPEN_RATIO
    closed_ratio: float = CLOSED_RATIO
    known: float = 0.0
    """Half seconds that the two were learned from, faded."""
    unsettled_s: float = 0.0
    """Seconds learned since the two were worked out."""

    @classmethod
    def new(cls) -> "Opening":
        """Nothing seen yet."""
        return cls(np.zeros(BINS, np.float32))


def read_lids(
    eye_aspect_ratio: float,
    opening: Opening,
    down_deg: float,
    closed_probability: float | None = None,
    *,
    were_closed: bool = False,
) -> Lids:
    """Judge the lids of one frame.

    Args:
        eye_aspect_ratio: of this frame.
        opening: usual for this person.
        down_deg: degrees that head or last clear gaze point below usual, >= 0.
        closed_probability: what the eye network says, None without one.
        were_closed: whether they had been closed for a while before this frame.
    """
    usual = opening.open_ratio
    usual = max(usual - RATIO_PER_DEGREE * down_deg, MIN_OPEN_SHARE * usual)
    span = max(usual - opening.closed_ratio, MIN_SPAN)
    openness = min(max((eye_aspect_ratio - opening.closed_ratio) / span, 0.0), 1.0)
    is_surely_closed = closed_probability is not None and closed_probability > SURELY_CLOSED
    if openness >= (WIDE_FROM if is_surely_closed else CLOSED_BELOW):
        return Lids(openness, LidPosition.OPEN)
    is_trap = down_deg > TRAP_DEG and not were_closed
    return Lids(openness, LidPosition.LOWERED if is_trap else LidPosition.CLOSED)


def learn_opening(
    opening: Opening, eye_aspect_ratio: float, *, frame_s: float, is_closed: bool
) -> Opening:
    """Take in the eyes of one frame of a person who looks ahead."""
    at = int(min(max(eye_aspect_ratio, 0.0) / BIN_RATIO, BINS - 1))
    if is_closed and opening.counts[: at + 1].sum() > MAX_CLOSED_SHARE * opening.known:
        return opening
    frame_s = bounded(frame_s)
    left, more = fading(frame_s), frame_s / COUNT_S
    counts = opening.counts * np.float32(left)
    counts[at] += more
    counts.setflags(write=False)
    known, unsettled_s = opening.known * left + more, opening.unsettled_s + frame_s
    if is_due(unsettled_s, known):
        return _settled(counts, known)
    return Opening(counts, opening.open_ratio, opening.closed_ratio, known, unsettled_s)


def _settled(counts: F32, known: float) -> Opening:
    """Work out what is open and what is closed, the prior weighing `PRIOR_COUNTS`."""
    low, high = quantiles(counts, EDGES, (CLOSED_QUANTILE, OPEN_QUANTILE))
    share = known / (known + PRIOR_COUNTS)
    open_ratio = OPEN_RATIO + share * (high - OPEN_RATIO)
    has_closed = low < MAX_CLOSED_OF_OPEN * open_ratio
    closed_ratio = max(low, CLOSED_RATIO) if has_closed else CLOSED_RATIO
    return Opening(counts, open_ratio, closed_ratio, known)
