"""Where does this person usually look? Learned without asking.

A camera stands beside the screen, a face has its own shape, and the gaze of a person never seen
before has a constant error: all of that is in the centre, so only the difference from it is judged.

Gaze and head are counted in histograms that fade; the centre is the middle of their densest half,
so that a minority of looking away does not move it. What little is known at first is weighed
against a prior, by how certain each is: with every frame the centre moves from the prior to the
person and its uncertainty shrinks, without a step. A known centre moves slowly: a person who sinks
in the chair is followed, one who turns away is not.

A head that keeps still elsewhere for `MOVED_S` has another screen there, or moved this one: that is
a second place. Two are kept and the nearer one holds.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from inference.attention.direction import Direction
from inference.attention.histogram import (
    COUNT_S,
    F32,
    F64,
    bounded,
    densest_halves,
    fading,
    is_due,
)

BIN_DEG = 2.0
REACH_DEG = 60.0
"""Angles beyond teach nothing."""
BINS = round(2 * REACH_DEG / BIN_DEG)
EDGES: F64 = np.linspace(-REACH_DEG, REACH_DEG, BINS + 1)
AXES = 4
"""Gaze yaw, gaze pitch, head yaw, head pitch."""

PRIOR = Direction(0.0, -5.0)
"""Cameras stand above screens."""
PRIOR_SIGMA_DEG = 15.0
FIRST_SPREAD_DEG, MIN_SPREAD_DEG = 6.0, 3.0
"""How far single frames lie around the centre at least, before there is a baseline and after."""
MAX_COUNTS = 30
"""More do not make the centre more certain: people move."""
USABLE_COUNTS, USABLE_SPREAD_DEG = 40, 12.0
FAR_DEG = 30.0
"""Before there is a baseline, a head further from the prior than this is elsewhere."""
MAX_MOVE_DEG_S = 5 / 60

MOVED_S = 30.0
"""Looking at one place elsewhere for so long makes it a place of a screen."""
MOVED_DEG = 15.0
SAME_PLACE_DEG = 8.0
FARTHEST_SCREEN_DEG = 60.0
"""Nobody has a camera further aside than this from a screen."""
LOWEST_SCREEN_DEG = -12.0
"""A place lower than this below the screen is a desk, however long one reads there."""
MAX_PLACES = 2
TINY = np.float32(1e-6)
"""An axis without counts has its middle in the middle, and no weight."""


def _no_counts() -> F32:
    return np.zeros((AXES, BINS), np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """One place where a screen is for this person."""

    counts: F32
    """(AXES, BINS) of half seconds, fading."""
    gaze: Direction = PRIOR
    """Towards the middle of the screen."""
    head: Direction = PRIOR
    gaze_sigma_deg: float = PRIOR_SIGMA_DEG
    """How uncertain the centre is, one standard deviation."""
    head_sigma_deg: float = PRIOR_SIGMA_DEG
    spread_deg: float = FIRST_SPREAD_DEG
    """Of single frames around it, the wider one of the head's axes."""
    known: float = 0.0
    """Half seconds that it was learned from, faded."""
    unsettled_s: float = 0.0
    """Seconds learned since the centre was worked out."""

    @classmethod
    def new(cls) -> "Place":
        """The prior."""
        return cls(_no_counts())

    @property
    def is_usable(self) -> bool:
        """Whether it knows more than the prior."""
        return self.known >= USABLE_COUNTS and self.spread_deg < USABLE_SPREAD_DEG


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Where a head has pointed, other than at a screen, and for how long."""

    head: Direction
    gaze: Direction
    seconds: float


@dataclass(frozen=True, slots=True, eq=False)
class Baseline:
    """What is usual for one person. Counts and a dozen numbers, no picture."""

    places: tuple[Place, ...]
    """One or two, the one used last first."""
    elsewhere: Elsewhere | None = None
    """Where another screen may be."""

    @classmethod
    def new(cls) -> "Baseline":
        """Nothing seen yet."""
        return cls((Place.new(),))

    def nearest(self, head: Direction | None) -> Place:
        """The place whose usual head is nearer to this one."""
        if head is None or len(self.places) == 1:
            return self.places[0]
        return min(self.places, key=lambda place: place.head.apart(head))


def learn_place(
    baseline: Baseline, head: Direction, gaze: Direction | None, *, frame_s: float
) -> Baseline:
    """Take in one frame of a person who is thought to watch."""
    frame_s = bounded(frame_s)
    place = baseline.nearest(head)
    if not place.is_usable and place.head.apart(head) > FAR_DEG:
        return learn_elsewhere(baseline, head, gaze, frame_s=frame_s)
    learned = _counted(place, head, gaze, frame_s)
    if is_due(learned.unsettled_s, learned.known):
        learned = _settled(learned)
    others = tuple(other for other in baseline.places if other is not place)
    return Baseline((learned, *others), baseline.elsewhere)


def learn_elsewhere(
    baseline: Baseline, head: Direction, gaze: Direction | None, *, frame_s: float
) -> Baseline:
    """Take in one frame of a person who is thought to look away."""
    frame_s = bounded(frame_s)
    off = head.minus(baseline.nearest(head).head)
    if abs(head.yaw_deg) > FARTHEST_SCREEN_DEG or off.pitch_deg < LOWEST_SCREEN_DEG:
        return baseline
    if math.hypot(off.yaw_deg, off.pitch_deg) <= MOVED_DEG:
        return baseline
    gaze = gaze or head
    found = baseline.elsewhere
    if found is None or found.seconds <= 0:
        return Baseline(baseline.places, Elsewhere(head, gaze, frame_s))
    if found.head.apart(head) > SAME_PLACE_DEG:
        found = Elsewhere(found.head, found.gaze, found.seconds - 2 * frame_s)
        return Baseline(baseline.places, found)
    share = frame_s / (found.seconds + frame_s)
    found = Elsewhere(
        found.head.towards(head, share), found.gaze.towards(gaze, share), found.seconds + frame_s
    )
    if found.seconds < MOVED_S:
        return Baseline(baseline.places, found)
    known = tuple(place for place in baseline.places if place.is_usable)
    return Baseline((_founded(found), *known)[:MAX_PLACES])


def _founded(found: Elsewhere) -> Place:
    """A place of a screen where someone has looked for `MOVED_S`."""
    counts = _no_counts()
    for axis, angle in enumerate(_angles(found.head, found.gaze)):
        counts[axis] = MOVED_S / COUNT_S * _bell(angle)
    known = MOVED_S / COUNT_S
    sigma_deg = FIRST_SPREAD_DEG / math.sqrt(MAX_COUNTS)
    return Place(counts, found.gaze, found.head, sigma_deg, sigma_deg, known=known)


def _counted(place: Place, head: Direction, gaze: Direction | None, frame_s: float) -> Place:
    left, more = fading(frame_s), frame_s / COUNT_S
    counts = place.counts * np.float32(left)
    for axis, angle in enumerate(_angles(head, gaze)):
        if abs(angle) < REACH_DEG:
            counts[axis, int((angle + REACH_DEG) / BIN_DEG)] += more
    counts.setflags(write=False)
    return Place(
        counts,
        place.gaze,
        place.head,
        place.gaze_sigma_deg,
        place.head_sigma_deg,
        place.spread_deg,
        place.known * left + more,
        place.unsettled_s + frame_s,
    )


def _settled(place: Place) -> Place:
    """Work out the centre; one that is known moves at most `MAX_MOVE_DEG_S`."""
    known = place.counts.sum(axis=1)
    middles, spreads = densest_halves(np.maximum(place.counts, TINY), EDGES)
    # Prior and person, each by its certainty.
    of_frames = np.maximum(spreads, MIN_SPREAD_DEG if place.is_usable else FIRST_SPREAD_DEG)
    certainty = np.minimum(known, MAX_COUNTS) / of_frames**2
    of_prior = 1 / PRIOR_SIGMA_DEG**2
    priors = np.array(_angles(PRIOR, PRIOR))
    centres = ((certainty * middles + of_prior * priors) / (certainty + of_prior)).tolist()
    sigmas = (1 / np.sqrt(certainty + of_prior)).tolist()
    gaze, head = Direction(centres[0], centres[1]), Direction(centres[2], centres[3])
    if place.is_usable:
        most_deg = MAX_MOVE_DEG_S * place.unsettled_s
        gaze, head = _moved(place.gaze, gaze, most_deg), _moved(place.head, head, most_deg)
    return Place(
        place.counts,
        gaze,
        head,
        max(sigmas[:2]),
        max(sigmas[2:]),
        float(spreads[2:].max()),
        place.known,
    )


def _moved(old: Direction, new: Direction, most_deg: float) -> Direction:
    way = old.apart(new)
    return new if way <= most_deg else old.towards(new, most_deg / way)


def _angles(head: Direction, gaze: Direction | None) -> tuple[float, ...]:
    """In the order of the axes; without a gaze its axes count nothing."""
    if gaze is None:
        return math.inf, math.inf, head.yaw_deg, head.pitch_deg
    return gaze.yaw_deg, gaze.pitch_deg, head.yaw_deg, head.pitch_deg


def _bell(angle: float) -> npt.NDArray[np.float64]:
    """(BINS,) shares of frames that lie `MIN_SPREAD_DEG` around an angle."""
    middles = (EDGES[:-1] + EDGES[1:]) / 2
    heights: F64 = np.exp(-(((middles - angle) / MIN_SPREAD_DEG) ** 2) / 2)
    return heights / max(float(heights.sum()), 1e-9)
