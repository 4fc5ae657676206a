"""One frame seen from its person's usual pose: differences, regions, lids, readability."""

import math
from dataclasses import dataclass

from inference.attention.baseline import Baseline, Direction
from inference.attention.filter import Evidence
from inference.attention.lids import LidPosition, Lids, read_lids
from inference.attention.on_screen import Regions, regions
from inference.perception.observation import Observation

HABIT_SHARE = 0.5
"""Part of the gaze's uncertainty that stays once a person's constant error is in the baseline."""
HEAD_SIGMA_RAD = math.radians(8)
"""How far eyes turn in a head whose eyes cannot be read."""
HEAD_ONLY_RAD = math.radians(40)
"""Beyond this the irises are guesses."""
CLEAR_OPENNESS = 0.5
"""Below this the lids pull the iris estimate down."""
DARK_BELOW = 0.06
"""Mean brightness below which a picture without a face is a covered lens, not an empty chair."""


@dataclass(frozen=True, slots=True)
class View:
    """One frame, relative to what is usual. None is what could not be measured."""

    measured: Observation
    head: Direction | None
    gaze: Direction | None
    head_off: Direction | None
    look_off: Direction | None
    """Gaze, or else head, less the usual one."""
    regions: Regions | None
    lids: Lids | None

    @property
    def has_clear_eyes(self) -> bool:
        """Whether the eyes are open enough for their direction to mean something."""
        return self.gaze is not None and (self.lids is None or self.lids.openness >= CLEAR_OPENNESS)

    @property
    def has_closed_lids(self) -> bool:
        """Whether the lids are closed or lowered."""
        return self.lids is not None and self.lids.position is not LidPosition.OPEN

    @property
    def is_unreadable(self) -> bool:
        """Whether the picture is too dark to say anything, not even that nobody is there."""
        return not self.measured.has_face and self.measured.brightness < DARK_BELOW

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


def view(measured: Observation, baseline: Baseline, last_gaze_off: Direction | None) -> View:
    """See one frame from a person's baseline.

    Args:
        measured: of this frame.
        baseline: of this person.
        last_gaze_off: where the eyes last looked while they were clearly open, less usual.
    """
    head = _direction(measured.head_yaw_rad, measured.head_pitch_rad)
    gaze = _direction(measured.gaze_yaw_rad, measured.gaze_pitch_rad)
    if head is None:
        return View(measured, None, gaze, None, None, None, None)
    head_off = head.minus(baseline.head)
    lids = _lids(measured, baseline, head_off, last_gaze_off)
    look_off, sigma_rad = head_off, HEAD_SIGMA_RAD
    if lids is not None and lids.position is LidPosition.LOWERED and last_gaze_off is not None:
        look_off = min(head_off, last_gaze_off, key=lambda off: off.pitch_rad)
    elif gaze is not None and _are_eyes_read(head_off, lids):
        look_off = gaze.minus(baseline.eyes).minus(baseline.head)
        sigma_rad = HABIT_SHARE * (measured.gaze_sigma_rad or HEAD_SIGMA_RAD)
    where = regions(look_off, math.hypot(sigma_rad, baseline.sigma_rad))
    return View(measured, head, gaze, head_off, look_off, where, lids)


def _are_eyes_read(head_off: Direction, lids: Lids | None) -> bool:
    is_open = lids is None or lids.position is LidPosition.OPEN
    return is_open and abs(head_off.yaw_rad) < HEAD_ONLY_RAD


def _lids(
    measured: Observation, baseline: Baseline, head_off: Direction, last_gaze_off: Direction | None
) -> Lids | None:
    if measured.eye_aspect_ratio is None:
        return None
    lowest = min(head_off.pitch_rad, last_gaze_off.pitch_rad if last_gaze_off else 0.0)
    down_deg = max(0.0, -math.degrees(lowest))
    return read_lids(measured.eye_aspect_ratio, baseline.open_ratio, down_deg)


def _direction(yaw_rad: float | None, pitch_rad: float | None) -> Direction | None:
    if yaw_rad is None or pitch_rad is None:
        return None
    return Direction(yaw_rad, pitch_rad)
