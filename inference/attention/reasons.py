"""Why is this said? Up to three reasons, each a code, a number, a duration and a sentence.

A reason is a condition that a frame fulfils. The judge chooses those that speak for the state; a
state that outlives its evidence by a frame keeps the reasons it had. There is always at least one.

Numbers count as in the picture (positive to the image right); sentences count from the person's own
side, because "right" to a person is their own right: the image left.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from inference.attention.baseline import Baseline
from inference.attention.on_screen import EDGE_PITCH_DEG, EDGE_YAW_DEG
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


def conditions(view: View, baseline: Baseline) -> list[tuple[ReasonCode, float]]:
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
    if not baseline.is_usable:
        true.append((ReasonCode.NO_BASELINE, float(baseline.frames)))
    if view.lids is not None and view.has_closed_lids:
        true.append((ReasonCode.EYES_CLOSED, view.lids.openness))
    true.extend(_directions(view))
    return true


def _directions(view: View) -> list[tuple[ReasonCode, float]]:
    if view.head_off is None or view.look_off is None:
        return []
    true: list[tuple[ReasonCode, float]] = []
    head_yaw, head_pitch = view.head_off.degrees()
    yaw, pitch = view.look_off.degrees()
    if abs(head_yaw) > HEAD_TURNED_DEG:
        true.append((ReasonCode.HEAD_TURNED, -head_yaw))
    if head_pitch < -HEAD_DOWN_DEG:
        true.append((ReasonCode.HEAD_DOWN, -head_pitch))
    if abs(yaw) > EDGE_YAW_DEG:
        true.append((ReasonCode.GAZE_ASIDE, math.copysign(abs(yaw) - EDGE_YAW_DEG, -yaw)))
    if pitch < -EDGE_PITCH_DEG:
        true.append((ReasonCode.GAZE_DOWN, -pitch - EDGE_PITCH_DEG))
    elif pitch > EDGE_PITCH_DEG:
        true.append((ReasonCode.GAZE_UP, pitch - EDGE_PITCH_DEG))
    is_inside = abs(yaw) <= EDGE_YAW_DEG and abs(pitch) <= EDGE_PITCH_DEG
    if is_inside and not view.has_closed_lids:
        true.append((ReasonCode.ON_SCREEN, math.hypot(yaw, pitch)))
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


def choose(state: State, held: tuple[Held, ...], now_s: float) -> tuple[Reason, ...]:
    """The reasons for a state, strongest first, one to three."""
    by_code = {item.code: item for item in held}
    speaking = [by_code[code] for code in SPEAK_FOR[state] if code in by_code]
    current = [item for item in speaking if item.last_s >= now_s]
    chosen = current or speaking[:1]
    chosen += [item for code in ALWAYS_SAID if (item := by_code.get(code)) and item.last_s >= now_s]
    return tuple(_reason(item, now_s) for item in (chosen or list(held))[:MAX_REASONS])


def _reason(item: Held, now_s: float) -> Reason:
    since_s = max(now_s - item.began_s, 0.0)
    return Reason(item.code, item.value, since_s, sentence(item.code, item.value, since_s))


def sentence(code: ReasonCode, value: float, since_s: float) -> str:
    """Say a reason to a person, e.g. "head turned 41° right for 3 s"."""
    size, side = f"{abs(value):.0f}°", "left" if value > 0 else "right"
    count = f"{value:.0f}"
    words = {
        ReasonCode.ON_SCREEN: "eyes on the screen",
        ReasonCode.GAZE_ASIDE: f"gaze {size} {side} of the screen",
        ReasonCode.GAZE_DOWN: f"gaze {size} below the screen",
        ReasonCode.GAZE_UP: f"gaze {size} above the screen",
        ReasonCode.HEAD_TURNED: f"head turned {size} {side}",
        ReasonCode.HEAD_DOWN: f"head lowered {size}",
        ReasonCode.EYES_CLOSED: "eyes closed",
        ReasonCode.NO_FACE: "no face",
        ReasonCode.FACE_SMALL: f"face too small to read, {count} px between the eyes",
        ReasonCode.SEVERAL_FACES: f"{count} faces in the picture",
        ReasonCode.UNREADABLE: "picture too dark to read",
        ReasonCode.NO_BASELINE: f"usual pose not known yet, {count} frames seen",
    }[code]
    return words if since_s < 1 or code in ALWAYS_SAID else f"{words} for {math.floor(since_s)} s"
