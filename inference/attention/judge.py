"""From the measurements of frames to what is said about each moment.

Pure and causal: time comes in as `now_s`, memory goes in and comes out, nothing is kept here.
view (against the baseline) -> likelihood -> filter -> state, attention, reasons -> baseline learns.
Frames of many streams are judged together, so that the filter is a few operations on arrays.
A value that cannot be known is None and the state is then unknown; a lost face is never "away" or
"drifting" for long, and an unreadable picture is never "absent".
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from inference.attention.baseline import Baseline, learn_elsewhere, learn_place
from inference.attention.confidence import Said, quality_of, say
from inference.attention.direction import Direction
from inference.attention.dwell import HIDDEN, RESTART_S
from inference.attention.filter import FIRST_FRAME_S, Trace, by_state, steps
from inference.attention.lids import Opening, learn_opening
from inference.attention.likelihood import GAZE_INDEPENDENT_S, log_terms
from inference.attention.memory import Memory
from inference.attention.person import Person
from inference.attention.reasons import NEUTRAL, Reason, choose, conditions, hold
from inference.attention.state import State
from inference.attention.view import View, view
from inference.perception.observation import Observation

__all__ = ["Judgement", "Memory", "judge", "judge_many"]

LEARN_BELOW = 0.5
"""The baseline learns only while down and away together are less probable than this."""
STRAIGHT_DEG = 15.0
"""The opening of the eyes is learned only from heads turned and lowered less than this."""
SHARPNESS_SHARE = 0.04
"""How far the usual sharpness follows a second of frames."""

_DRIFTING, _AWAY = HIDDEN.index(State.DRIFTING), HIDDEN.index(State.AWAY)
F64 = npt.NDArray[np.float64]


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
    perclos: float | None = None
    """Share of the last minute's frames with closed lids; None of fewer than 60."""
    blinks_per_minute: float | None = None
    """None below eight frames a second."""
    quality: float = 1.0
    """How well the frame could be judged, 0..1."""
    trace: Trace | None = None
    """The step of the filter, for the smoother."""


def judge(
    memory: Memory, observation: Observation, now_s: float, *, is_watching: bool = True
) -> tuple[Memory, Judgement]:
    """Judge one frame.

    Args:
        memory: of the stream, from `Memory.new()` or the frame before.
        observation: what was measured.
        now_s: when the frame was captured, seconds on any steady clock.
        is_watching: whether the content plays visibly; otherwise nothing is learned.
    """
    return judge_many([memory], [observation], [now_s], [is_watching])[0]


def judge_many(
    memories: Sequence[Memory],
    observations: Sequence[Observation],
    now_s: Sequence[float],
    are_watching: Sequence[bool] | None = None,
) -> list[tuple[Memory, Judgement]]:
    """Judge one frame of each of N streams, as `judge` does one by one."""
    if not memories:
        return []
    since_s = [_since_s(memory, at_s) for memory, at_s in zip(memories, now_s, strict=True)]
    views = [_seen(*row) for row in zip(memories, observations, now_s, strict=True)]
    intervals_s = np.array(since_s)
    terms = log_terms([seen.evidence for seen in views], np.minimum(intervals_s, FIRST_FRAME_S))
    before = np.array([memory.belief for memory in memories])
    phases, likelihoods = steps(before, terms.sum(axis=1), intervals_s)
    states = by_state(phases).tolist()
    traces = map(_trace, phases.tolist(), likelihoods.tolist(), memories, since_s)
    watching = are_watching or [True] * len(memories)
    rows = zip(memories, views, traces, states, terms, now_s, since_s, watching, strict=True)
    return [_judged(*row) for row in rows]


def _seen(memory: Memory, observed: Observation, now_s: float) -> View:
    were_closed = memory.eyelids.were_closed(now_s)
    return view(observed, memory.person, memory.last_look, were_closed=were_closed)


def _since_s(memory: Memory, now_s: float) -> float:
    return FIRST_FRAME_S if memory.last_s is None else max(now_s - memory.last_s, 0.0)


def _trace(phases: list[float], likelihood: list[float], memory: Memory, since_s: float) -> Trace:
    begins = memory.last_s is None or since_s > RESTART_S
    return Trace(tuple(phases), tuple(likelihood), None if begins else since_s)


def _judged(  # noqa: PLR0913, PLR0917  a row of the batch
    memory: Memory,
    seen: View,
    trace: Trace,
    belief: list[float],
    terms: F64,
    now_s: float,
    since_s: float,
    is_watching: bool,  # noqa: FBT001  the same
) -> tuple[Memory, Judgement]:
    quality = quality_of(seen, memory.person.usual_sharpness)
    said = say(belief, quality)
    held = hold(memory.held, conditions(seen), now_s)
    eyelids = memory.eyelids.after(seen.lids, now_s, since_s)
    judgement = Judgement(
        said.state,
        said.probability,
        said.attention,
        choose(said.state, held, now_s, _telling(said, belief, terms)),
        seen.regions.on if seen.regions is not None and not seen.has_closed_lids else None,
        said.eyes_closed,
        seen.lids.openness if seen.lids is not None else None,
        eyelids.perclos,
        eyelids.blinks_per_minute,
        quality,
        trace,
    )
    after = Memory(
        _learned(memory.person, seen, belief, since_s) if is_watching else memory.person,
        trace.belief,
        eyelids,
        held,
        _last_look(memory.last_look, seen, since_s),
        now_s,
    )
    return after, judgement


def _telling(said: Said, belief: list[float], terms: F64) -> Sequence[float]:
    """How much each term of this frame tells the state from the runner-up."""
    if said.state is State.UNKNOWN:
        return NEUTRAL
    order = sorted(range(len(belief)), key=belief.__getitem__)
    ratios: list[float] = (terms[:, order[-1]] - terms[:, order[-2]]).tolist()
    return ratios


def _last_look(last: Direction | None, seen: View, since_s: float) -> Direction | None:
    """Where the eyes look; lids on their way down pull single frames of a blink down with them."""
    if not seen.has_clear_eyes or seen.look_off is None:
        return last if seen.measured.has_face else None
    if last is None:
        return seen.look_off
    return last.towards(seen.look_off, min(since_s / GAZE_INDEPENDENT_S, 1.0))


def _learned(person: Person, seen: View, belief: list[float], frame_s: float) -> Person:
    """The person after this frame, as far as this frame may teach anything."""
    if seen.head is None:
        return person
    return Person(
        _placed(person.baseline, seen, seen.head, belief, frame_s),
        _opened(person.opening, seen, frame_s),
        person.calibration,
        _sharpness(person.usual_sharpness, seen.measured.sharpness, frame_s),
    )


def _placed(
    baseline: Baseline, seen: View, head: Direction, belief: list[float], frame_s: float
) -> Baseline:
    if seen.has_closed_lids:
        return baseline
    gaze = seen.gaze if seen.has_clear_eyes else None
    if belief[_DRIFTING] + belief[_AWAY] < LEARN_BELOW:
        return learn_place(baseline, head, gaze, frame_s=frame_s)
    if belief[_AWAY] >= LEARN_BELOW:
        return learn_elsewhere(baseline, head, gaze, frame_s=frame_s)
    return baseline


def _opened(opening: Opening, seen: View, frame_s: float) -> Opening:
    """Heads that are turned or lowered teach nothing about the opening of the eyes."""
    ratio, off = seen.measured.eye_aspect_ratio, seen.head_off
    if ratio is None or off is None or abs(off.yaw_deg) >= STRAIGHT_DEG:
        return opening
    if off.pitch_deg <= -STRAIGHT_DEG:
        return opening
    return learn_opening(opening, ratio, frame_s=frame_s, is_closed=seen.has_closed_lids)


def _sharpness(usual: float | None, seen: float | None, frame_s: float) -> float | None:
    if seen is None or usual is None:
        return seen if usual is None else usual
    return usual + SHARPNESS_SHARE * min(frame_s, 1.0) * (seen - usual)
