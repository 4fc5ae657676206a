"""Why is this said? Up to three reasons, each a code, a number, a duration and a sentence.

A reason is a condition that a frame fulfils, and each belongs to a term of the likelihood. The
strongest are those whose term tells the state best from the runner-up: the largest log-likelihood
ratio comes first. A state that outlives its evidence by a frame keeps the reasons it had. There is
always at least one.

Numbers count as in the picture (positive to the image right); sentences count from the person's own
side, because "right" to a person is their own right: the image left.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from inference.attention.direction import Direction
from inference.attention.likelihood import FACE_TERM, GAZE_TERM, LIDS_TERM, TERMS
from inference.attention.state import ReasonCode, State
from inference.attention.view import View

MAX_REASONS = 3
SAME_WITHIN_S = 3.0
"""A condition that pauses for less than this goes on."""
REMEMBERED_S = 10.0
"""So long a condition may speak for a state after it was last fulfilled."""
HEAD_TURNED_DEG = 18.0
HEAD_DOWN_DEG = 12.0

SPEAK_FOR: Mapping[State, tuple[ReasonCode, ...]] = {
    State.FOCUSED: (ReasonCode.ON_SCREEN,),
    State.DRIFTING: (ReasonCode.HEAD_DOWN, ReasonCode.GAZE_DOWN, ReasonCode.EYES_CLOSED),
    State.AWAY: (
        ReasonCode.HEAD_TURNED,
        ReasonCode.GAZE_ASIDE,
        ReasonCode.GAZE_UP,
        ReasonCode.NO_FACE,
    ),
    State.EYES_CLOSED: (ReasonCode.EYES_CLOSED,),
    State.ABSENT: (ReasonCode.NO_FACE,),
    State.UNKNOWN: (
        ReasonCode.UNREADABLE,
        ReasonCode.FACE_SMALL,
        ReasonCode.NO_FACE,
        ReasonCode.EYES_CLOSED,
        ReasonCode.HEAD_TURNED,
        ReasonCode.HEAD_DOWN,
        ReasonCode.GAZE_ASIDE,
        ReasonCode.GAZE_DOWN,
        ReasonCode.GAZE_UP,
        ReasonCode.ON_SCREEN,
    ),
}
"""Which conditions speak for which state, strongest first."""
ALWAYS_SAID = (ReasonCode.SEVERAL_FACES, ReasonCode.NO_BASELINE)
TIMELESS = (*ALWAYS_SAID, ReasonCode.PEOPLE_IN_ROOM)
"""Said without for how long."""
TERM_OF: Mapping[ReasonCode, int] = {
    ReasonCode.NO_FACE: FACE_TERM,
    ReasonCode.EYES_CLOSED: LIDS_TERM,
    ReasonCode.ON_SCREEN: GAZE_TERM,
    ReasonCode.GAZE_ASIDE: GAZE_TERM,
    ReasonCode.GAZE_DOWN: GAZE_TERM,
    ReasonCode.GAZE_UP: GAZE_TERM,
    ReasonCode.HEAD_TURNED: GAZE_TERM,
    ReasonCode.HEAD_DOWN: GAZE_TERM,
}
"""Which term of the likelihood a condition is seen in."""
NEUTRAL = (1.0,) * TERMS
"""Every condition that speaks for a state is as strong as every other."""


WORDS: Mapping[ReasonCode, str] = {
    ReasonCode.ON_SCREEN: "eyes on the screen",
    ReasonCode.GAZE_ASIDE: "gaze {size:.0f}° {side} of the screen",
    ReasonCode.GAZE_DOWN: "gaze {size:.0f}° below the screen",
    ReasonCode.GAZE_UP: "gaze {size:.0f}° above the screen",
    ReasonCode.HEAD_TURNED: "head turned {size:.0f}° {side}",
    ReasonCode.HEAD_DOWN: "head lowered {size:.0f}°",
    ReasonCode.EYES_CLOSED: "eyes closed",
    ReasonCode.NO_FACE: "no face",
    ReasonCode.FACE_SMALL: "face too small to read, {size:.0f} px between the eyes",
    ReasonCode.SEVERAL_FACES: "{size:.0f} faces in the picture",
    ReasonCode.UNREADABLE: "picture too dark to read",
    ReasonCode.NO_BASELINE: "usual pose not known yet, {size:.0f} frames seen",
    ReasonCode.PEOPLE_IN_ROOM: "people in the room: {size:.0f}; its camera measures no attention",
}


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason."""

    code: ReasonCode
    value: float
    """Unit by code: degrees, 0..1, pixels or a count."""
    since_s: float
    """For how long, seconds."""
    text: str


@dataclass(frozen=True, slots=True)
class Held:
    """A condition and when it held."""

    code: ReasonCode
    value: float
    began_s: float
    last_s: float


def conditions(view: View) -> list[tuple[ReasonCode, float]]:
    """What is true of one frame, with its number; at least one."""
    measured = view.measured
    true: list[tuple[ReasonCode, float]] = []
    if view.is_unreadable:
        true.append((ReasonCode.UNREADABLE, measured.brightness))
    if not measured.has_face:
        return [*true, (ReasonCode.NO_FACE, 0.0)]
    if view.head_off is None:
        true.append((ReasonCode.FACE_SMALL, measured.eye_distance_px or 0.0))
    if measured.faces > 1:
        true.append((ReasonCode.SEVERAL_FACES, float(measured.faces)))
    if not view.place.is_usable:
        true.append((ReasonCode.NO_BASELINE, view.place.known))
    if view.lids is not None and view.has_closed_lids:
        true.append((ReasonCode.EYES_CLOSED, view.lids.openness))
    if view.head_off is not None and view.look_off is not None:
        true.extend(_directions(view, view.head_off, view.look_off))
    return true


def _directions(view: View, head: Direction, look: Direction) -> list[tuple[ReasonCode, float]]:
    true: list[tuple[ReasonCode, float]] = []
    screen = view.screen
    if abs(head.yaw_deg) > HEAD_TURNED_DEG:
        true.append((ReasonCode.HEAD_TURNED, -head.yaw_deg))
    if head.pitch_deg < -HEAD_DOWN_DEG:
        true.append((ReasonCode.HEAD_DOWN, -head.pitch_deg))
    left, right = look.yaw_deg - screen.left, screen.right - look.yaw_deg
    below, above = screen.bottom - look.pitch_deg, look.pitch_deg - screen.top
    if max(left, right) > 0:
        true.append((ReasonCode.GAZE_ASIDE, right if right > 0 else -left))
    if below > 0:
        true.append((ReasonCode.GAZE_DOWN, below))
    elif above > 0:
        true.append((ReasonCode.GAZE_UP, above))
    if max(left, right, below, above) <= 0 and not view.has_closed_lids:
        true.append((ReasonCode.ON_SCREEN, math.hypot(look.yaw_deg, look.pitch_deg)))
    return true


def hold(
    held: tuple[Held, ...], true: list[tuple[ReasonCode, float]], now_s: float
) -> tuple[Held, ...]:
    """Remember which conditions hold since when, the newest first."""
    before = {item.code: item for item in held if now_s - item.last_s <= REMEMBERED_S}
    now: list[Held] = []
    for code, value in true:
        old = before.pop(code, None)
        goes_on = old is not None and now_s - old.last_s <= SAME_WITHIN_S
        now.append(Held(code, value, old.began_s if old and goes_on else now_s, now_s))
    return (*now, *before.values())


def choose(
    state: State, held: tuple[Held, ...], now_s: float, telling: Sequence[float] = NEUTRAL
) -> tuple[Reason, ...]:
    """The reasons for a state, strongest first, one to three.

    Args:
        state: that is said.
        held: conditions, those of this frame included.
        now_s: of this frame.
        telling: (TERMS,) log-likelihood ratio of each term of this frame, between the state and the
            runner-up.
    """
    by_code = {item.code: item for item in held}
    speaking = [by_code[code] for code in SPEAK_FOR[state] if code in by_code]
    chosen = [item for item in speaking if item.last_s >= now_s]
    if state is not State.UNKNOWN:
        chosen = [item for item in chosen if telling[TERM_OF[item.code]] > 0]
        if len(chosen) > 1:  # stable: ties stay as in SPEAK_FOR
            chosen.sort(key=lambda item: -telling[TERM_OF[item.code]])
    chosen = chosen or speaking[:1]
    for code in ALWAYS_SAID:
        item = by_code.get(code)
        if item is not None and item.last_s >= now_s:
            chosen.append(item)
    return tuple([_reason(item, now_s) for item in (chosen or list(held))[:MAX_REASONS]])


def _reason(item: Held, now_s: float) -> Reason:
    since_s = max(now_s - item.began_s, 0.0)
    return Reason(item.code, item.value, since_s, sentence(item.code, item.value, since_s))


def sentence(code: ReasonCode, value: float, since_s: float) -> str:
    """Say a reason to a person, e.g. "head turned 41° right for 3 s"."""
    side = "left" if value > 0 else "right"
    words = WORDS[code].format(size=abs(value), side=side)
    return words if since_s < 1 or code in TIMELESS else f"{words} for {math.floor(since_s)} s"
