"""One frame seen from its person's usual pose: differences, regions, lids, readability."""

import math
from dataclasses import dataclass

from inference.attention.baseline import Place
from inference.attention.direction import Direction
from inference.attention.lids import LidPosition, Lids, Opening, read_lids
from inference.attention.likelihood import Evidence
from inference.attention.on_screen import USUAL, Regions, Screen, regions
from inference.attention.person import Person
from inference.perception.observation import Observation

HABIT_SHARE = 0.5
"""Part of a gaze's uncertainty that stays once a person's constant error is in the baseline."""
HEAD_SIGMA_DEG = 8.0
"""How far eyes turn in their head, one standard deviation."""
HEAD_ONLY_DEG = 40.0
"""Beyond this the irises are guesses."""
SMALL_FACE_SIGMA_DEG, SMALL_FACE_PX = 0.5, 143.0
"""Measured: error added by a small picture is 0.5 degrees * (143 / eye distance) ** 1.5."""
CLEAR_OPENNESS = 0.5
"""Below this the lids pull the iris estimate down."""
DARK_BELOW = 0.06
"""Mean brightness below which a picture without a face is a covered lens, not an empty place."""


@dataclass(frozen=True, slots=True)
class View:
    """One frame, relative to what is usual. None is what could not be measured."""

    measured: Observation
    place: Place
    """Of the screen that the person sits at."""
    head: Direction | None = None
    gaze: Direction | None = None
    head_off: Direction | None = None
    look_off: Direction | None = None
    """Where the eyes look, less where they usually do."""
    sigma_deg: float = 0.0
    """Of that difference, the place's own uncertainty included."""
    regions: Regions | None = None
    lids: Lids | None = None

    @property
    def has_clear_eyes(self) -> bool:
        """Whether the eyes are open enough for their direction to mean something."""
        return self.gaze is not None and (self.lids is None or self.lids.openness >= CLEAR_OPENNESS)

    @property
    def has_closed_lids(self) -> bool:
        """Whether the lids are closed or lowered, and so hide where the eyes look."""
        return self.lids is not None and self.lids.position >= LidPosition.LOWERED

    @property
    def is_unreadable(self) -> bool:
        """Whether the picture is too dark to say anything."""
        return is_too_dark(self.measured)

    @property
    def screen(self) -> Screen:
        """Where the screen is thought to be."""
        return self.regions.screen if self.regions is not None else USUAL

    @property
    def evidence(self) -> Evidence | None:
        """What the filter takes from this frame; None when it says nothing."""
        if self.is_unreadable:
            return None
        if not self.measured.has_face:
            return Evidence(has_face=False)
        return Evidence(
            has_face=True,
            lids=self.lids.position if self.lids is not None else None,
            gaze=None if self.has_closed_lids else self.regions,  # it means nothing through lids
        )


def is_too_dark(measured: Observation) -> bool:
    """Whether a picture says nothing, not even that nobody is there."""
    return not measured.has_face and measured.brightness < DARK_BELOW


def view(
    measured: Observation,
    person: Person,
    last_look: Direction | None = None,
    *,
    were_closed: bool = False,
) -> View:
    """See one frame from a person's baseline.

    Args:
        measured: of this frame.
        person: who is seen.
        last_look: where the eyes last looked while they were clearly open, less usual.
        were_closed: whether the lids had been closed for a while before this frame.
    """
    head = Direction.of(measured.head_yaw_rad, measured.head_pitch_rad)
    place, calibration = person.baseline.nearest(head), person.calibration
    if head is None:
        return View(measured, place)
    gaze = Direction.of(measured.gaze_yaw_rad, measured.gaze_pitch_rad)
    head_off = head.minus(place.head)
    lids = _lids(measured, person.opening, head_off, last_look, were_closed=were_closed)
    screen = USUAL
    if lids is not None and lids.position is LidPosition.LOWERED and last_look is not None:
        look_off = min(head_off, last_look, key=lambda off: off.pitch_deg)
        sigma_deg = math.hypot(HEAD_SIGMA_DEG, place.head_sigma_deg)
    elif gaze is None or abs(head_off.yaw_deg) >= HEAD_ONLY_DEG:
        look_off = head_off
        sigma_deg = math.hypot(HEAD_SIGMA_DEG, place.head_sigma_deg)
    elif calibration is not None:
        screen = calibration.screen
        look_off = gaze.minus(calibration.centre)
        sigma_deg = calibration.sigma_now_deg(head, measured.eye_distance_px)
    else:
        look_off, sigma_deg = _look(head_off, gaze.minus(place.gaze), _gaze_sigma_deg(measured))
        sigma_deg = math.hypot(sigma_deg, place.gaze_sigma_deg)
    where = regions(look_off.yaw_deg, look_off.pitch_deg, sigma_deg, screen)
    return View(measured, place, head, gaze, head_off, look_off, sigma_deg, where, lids)


def _look(head: Direction, gaze: Direction, gaze_sigma_deg: float) -> tuple[Direction, float]:
    """Where the eyes look, of head and gaze less their usual ones, and its uncertainty.

    Eyes mostly stay near the middle of their head: that is a prior of `HEAD_SIGMA_DEG` around the
    head, and the measured gaze moves it by as much as it is the more certain one.
    """
    of_head, of_gaze = HEAD_SIGMA_DEG**2, gaze_sigma_deg**2
    share = of_head / (of_head + of_gaze)
    return head.towards(gaze, share), math.sqrt(share * of_gaze)


def _gaze_sigma_deg(measured: Observation) -> float:
    """Of one gaze, once the constant error of the person is in the baseline."""
    if measured.gaze_sigma_rad is None:
        return HEAD_SIGMA_DEG
    of_all = math.degrees(measured.gaze_sigma_rad)
    if measured.eye_distance_px is None:
        return HABIT_SHARE * of_all
    of_pixels = SMALL_FACE_SIGMA_DEG * (SMALL_FACE_PX / max(measured.eye_distance_px, 1.0)) ** 1.5
    of_pixels = min(of_pixels, of_all)
    of_source = math.sqrt(of_all**2 - of_pixels**2)
    return math.hypot(HABIT_SHARE * of_source, of_pixels)


def _lids(
    measured: Observation,
    opening: Opening,
    head_off: Direction,
    last_look: Direction | None,
    *,
    were_closed: bool,
) -> Lids | None:
    if measured.eye_aspect_ratio is None:
        return None
    lowest_deg = min(head_off.pitch_deg, last_look.pitch_deg if last_look else 0.0)
    return read_lids(
        measured.eye_aspect_ratio,
        opening,
        max(0.0, -lowest_deg),
        measured.eyes_closed_probability,
        were_closed=were_closed,
    )
