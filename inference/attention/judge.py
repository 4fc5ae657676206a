"""From one frame's measurements to what is said about the moment.

Pure and causal: time comes in as `now_s`, memory goes in and comes out, nothing is kept here.
view (against the baseline) -> filter -> state, attention, reasons -> baseline learns.
A value that cannot be known is None and the state is then unknown; a lost face is never "away" or
"drifting" for long, and an unreadable picture is never "absent".
"""

import math
from dataclasses import dataclass

from inference.attention.baseline import (
    Baseline,
    Direction,
    learn_gaze,
    learn_head,
    learn_opening,
    learn_place,
)
from inference.attention.filter import HIDDEN, Belief, start, step
from inference.attention.reasons import Held, Reason, choose, conditions, hold
from inference.attention.state import State
from inference.attention.view import View, view
from inference.perception.observation import Observation

UNKNOWN_BELOW = 0.5
"""Without a state that is more probable than not, none is said."""
FIRST_FRAME_S = 0.5
"""What the first frame of a stream stands for."""
LEARN_BELOW = 0.5
"""The baseline learns only while down and away together are less probable than this."""
AHEAD_RAD = math.radians(25)
"""The eyes' place in the head is learned only from heads that are turned less than this."""
STRAIGHT_RAD = math.radians(15)
"""Their opening is learned only from heads that are turned and lowered less than this."""

_FOCUSED, _DRIFTING, _AWAY, _CLOSED = (
    HIDDEN.index(state) for state in (State.FOCUSED, State.DRIFTING, State.AWAY, State.EYES_CLOSED)
)


@dataclass(frozen=True, slots=True)
class Memory:
    """What a stream remembers of its person: numbers only, less than a kilobyte."""

    baseline: Baseline
    belief: Belief
    held: tuple[Held, ...] = ()
    last_gaze_off: Direction | None = None
    """Where clearly open eyes last looked, less usual."""
    last_s: float | None = None

    @classmethod
    def new(cls) -> "Memory":
        """Nothing seen yet."""
        return cls(Baseline(), start())


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is said about one moment."""

    state: State
    probability: float
    """Of that state, 0..1; of being right about not knowing when the state is unknown."""
    attention: float | None
    """Probability that the eyes are on the content; None when unknown."""
    reasons: tuple[Reason, ...]
    """One to three, strongest first."""
    on_screen: float | None
    """Of this frame alone: probability of the gaze on the screen; None through closed lids."""
    eyes_closed: float | None
    """Probability of closed eyes, filtered; None when unknown."""
    openness: float | None
    """Of this frame alone: 0 closed .. 1 open."""


def judge(memory: Memory, observation: Observation, now_s: float) -> tuple[Memory, Judgement]:
    """Judge one frame.

    Args:
        memory: of the stream, from `Memory.new()` or the frame before.
        observation: what was measured.
        now_s: when the frame was captured, seconds on any steady clock.
    """
    since_s = FIRST_FRAME_S if memory.last_s is None else max(now_s - memory.last_s, 0.0)
    seen = view(observation, memory.baseline, memory.last_gaze_off)
    evidence = seen.evidence
    belief = step(memory.belief, evidence, since_s=since_s)
    held = hold(memory.held, conditions(seen, memory.baseline), now_s)
    state, probability = _say(belief, is_readable=evidence is not None and not _is_small(seen))
    is_known = state is not State.UNKNOWN
    judgement = Judgement(
        state,
        probability,
        belief[_FOCUSED] if is_known else None,
        choose(state, held, now_s),
        seen.regions.on if seen.regions is not None and not seen.has_closed_lids else None,
        belief[_CLOSED] if is_known else None,
        seen.lids.openness if seen.lids is not None else None,
    )
    baseline = _learned(memory.baseline, seen, belief, since_s)
    last_gaze_off = memory.last_gaze_off
    if seen.has_clear_eyes and seen.gaze is not None:
        last_gaze_off = seen.look_off
    elif not observation.has_face:
        last_gaze_off = None
    return Memory(baseline, belief, held, last_gaze_off, now_s), judgement


def _is_small(seen: View) -> bool:
    return seen.measured.has_face and seen.head is None


def _say(belief: Belief, *, is_readable: bool) -> tuple[State, float]:
    probability, state = max(zip(belief, HIDDEN, strict=True))
    if not is_readable:
        return State.UNKNOWN, 1.0
    if probability < UNKNOWN_BELOW:
        return State.UNKNOWN, 1 - probability
    return state, probability


def _learned(baseline: Baseline, seen: View, belief: Belief, frame_s: float) -> Baseline:
    """The baseline after this frame, as far as this frame may teach it anything."""
    if seen.head is None or seen.head_off is None or seen.has_closed_lids:
        return baseline
    is_ahead = abs(seen.head_off.yaw_rad) < AHEAD_RAD
    if seen.gaze is not None and seen.has_clear_eyes and is_ahead:
        baseline = learn_gaze(baseline, seen.head, seen.gaze, frame_s=frame_s)
    if not baseline.is_usable or belief[_DRIFTING] + belief[_AWAY] < LEARN_BELOW:
        baseline = learn_head(baseline, seen.head, frame_s=frame_s)
    if belief[_AWAY] >= LEARN_BELOW:
        baseline = learn_place(baseline, seen.head, frame_s=frame_s)
    ratio = seen.measured.eye_aspect_ratio
    if ratio is not None and _is_straight(seen.head_off):
        baseline = learn_opening(baseline, ratio, frame_s=frame_s)
    return baseline


def _is_straight(off: Direction) -> bool:
    return abs(off.yaw_rad) < STRAIGHT_RAD and off.pitch_rad > -STRAIGHT_RAD
