"""What may be said, and how sure is it? From belief and the quality of a picture to a state.

Confidence is the calibrated largest belief times the quality of the frame. Below `UNKNOWN_BELOW`
nothing is said: the state is unknown, and attention has no value rather than a low one.
"""

import math
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

from inference.attention.dwell import HIDDEN
from inference.attention.on_screen import edge_distance
from inference.attention.state import State
from inference.attention.view import View

VERSION = 3
"""Of the way from measurements to states, for people and logs. 3: an eye network opens no lids;
turned heads take their yaw from the near iris."""
UNKNOWN_BELOW = 0.6

WHOLE_EYES_PX, LEAST_HEAD_PX = 45.0, 18.0
"""Distance of the outer eye corners at which all can be measured, and at which a pose only just."""
SMALL_QUALITY = 0.7
BRIGHT_ENOUGH, DARK_QUALITY = 0.15, 0.6
BLURRED_SHARE, BLURRED_QUALITY = 0.2, 0.8
"""A face this much less sharp than usual for the person."""
WHOLE_SHARE, CUT_QUALITY = 0.8, 0.7
"""A face of which less lies inside the picture, and one of which nothing does."""
CLIPPED_SHARE, CLIPPED_QUALITY = 0.3, 0.8
"""A face of which more is black or white beyond telling."""

_ON, _CLOSED = HIDDEN.index(State.FOCUSED), HIDDEN.index(State.EYES_CLOSED)
_SHIPPED = Path(__file__).with_name("calibration.toml")


@dataclass(frozen=True, slots=True)
class Reliability:
    """How stated probabilities become true ones."""

    label: str = "uncalibrated"
    temperature: float = 1.0
    on_content: tuple[tuple[float, float], ...] = ((0.0, 0.0), (1.0, 1.0))

    def __post_init__(self) -> None:
        stated, true = zip(*self.on_content, strict=True)
        is_line = (stated[0], stated[-1]) == (0, 1) and all(a < b for a, b in pairwise(stated))
        if not is_line or not all(a <= b for a, b in pairwise((0, *true, 1))):
            raise ValueError("on_content must lead from 0 to 1 and never fall")
        if self.temperature <= 0:
            raise ValueError("temperature must be above 0")

    def belief(self, belief: Sequence[float]) -> Sequence[float]:
        """Belief in each state, made as sure as it may be."""
        if self.temperature == 1:
            return belief
        raised = [share ** (1 / self.temperature) for share in belief]
        return [share / math.fsum(raised) for share in raised]

    def attention(self, on: float) -> float:
        """True probability that the eyes are on the content, of the stated one."""
        for (x0, y0), (x1, y1) in pairwise(self.on_content):
            if on <= x1:
                return y0 + (y1 - y0) * (on - x0) / (x1 - x0)
        return self.on_content[-1][1]


@cache
def shipped(path: Path = _SHIPPED) -> Reliability:
    """What this release was fitted on; the identity until there are labelled people."""
    read = tomllib.loads(path.read_text(encoding="utf-8"))
    return Reliability(
        label=read["label"],
        temperature=read["temperature"],
        on_content=tuple((stated, true) for stated, true in read["on_content"]),
    )


def release() -> str:
    """Which judge this is, and whether its numbers were ever compared with people."""
    return f"attention/{VERSION}-{shipped().label}"


@dataclass(frozen=True, slots=True)
class Said:
    """What is said about a moment, and with what probability."""

    state: State
    probability: float
    """Of that state; of being right about not knowing when it is unknown."""
    attention: float | None
    eyes_closed: float | None


def say(belief: Sequence[float], quality: float) -> Said:
    """The state of a moment.

    Args:
        belief: (STATES,) in each state.
        quality: of the frame, 0 when it must not be judged .. 1.
    """
    reliability = shipped()
    belief = reliability.belief(belief)
    largest = max(belief)
    confidence = largest * quality
    if confidence < UNKNOWN_BELOW:
        return Said(State.UNKNOWN, 1 - confidence, None, None)
    attention = reliability.attention(belief[_ON])
    return Said(HIDDEN[belief.index(largest)], confidence, attention, belief[_CLOSED])


def quality_of(view: View, usual_sharpness: float | None) -> float:
    """How well one frame can be judged, 0..1.

    Args:
        view: of the frame.
        usual_sharpness: of this person's face, None before it is known.
    """
    measured = view.measured
    if not measured.has_face:
        return 0.0 if view.is_unreadable else 1.0
    if view.look_off is None or view.head is None or _is_undecided(view):
        return 0.0
    quality = 1.0
    if measured.eye_distance_px is not None:
        size = (measured.eye_distance_px - LEAST_HEAD_PX) / (WHOLE_EYES_PX - LEAST_HEAD_PX)
        quality *= SMALL_QUALITY + (1 - SMALL_QUALITY) * min(max(size, 0.0), 1.0)
    light = min(measured.brightness / BRIGHT_ENOUGH, 1.0)
    quality *= DARK_QUALITY + (1 - DARK_QUALITY) * light
    if usual_sharpness is not None and measured.sharpness is not None:
        is_blurred = measured.sharpness < BLURRED_SHARE * usual_sharpness
        quality *= BLURRED_QUALITY if is_blurred else 1.0
    if measured.inside is not None:
        quality *= CUT_QUALITY + (1 - CUT_QUALITY) * min(measured.inside / WHOLE_SHARE, 1.0)
    if measured.clipped is not None and measured.clipped > CLIPPED_SHARE:
        quality *= CLIPPED_QUALITY
    return quality


def _is_undecided(view: View) -> bool:
    """Whether the usual pose is so little known that the eyes may be on either side of the edge.

    Beyond the edge it takes twice as much to be sure: a screen elsewhere than most is likelier than
    someone who has looked past it from the first frame on.
    """
    off = view.look_off
    if view.place.is_usable or view.has_closed_lids or off is None:
        return False
    edge_deg = edge_distance(off.yaw_deg, off.pitch_deg, view.screen)
    sigma_deg = max(view.place.gaze_sigma_deg, view.place.head_sigma_deg)
    return -2 * sigma_deg < edge_deg < sigma_deg
