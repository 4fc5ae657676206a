"""Which of five hidden states is the person in?"""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.attention.filter import (
    FACE,
    HIDDEN,
    LIDS,
    MEAN_DWELL_S,
    NEXT_STATE,
    Belief,
    Evidence,
    log_likelihood,
    rate_matrix,
    start,
    step,
    transition,
)
from inference.attention.lids import LidPosition
from inference.attention.on_screen import Regions
from inference.attention.state import State

intervals = st.floats(0.0, 120.0)
ON, DOWN, AWAY = Regions(0.95, 0.03, 0.02), Regions(0.03, 0.95, 0.02), Regions(0.02, 0.02, 0.96)


@st.composite
def evidences(draw: st.DrawFn) -> Evidence | None:
    """Anything that a frame can say."""
    if not draw(st.booleans()):
        return draw(st.sampled_from([None, Evidence(has_face=False)]))
    on, down, away = (draw(st.floats(0, 1)) for _ in range(3))
    total = max(on + down + away, 1e-3)
    gaze = draw(st.sampled_from([None, Regions(on / total, down / total, away / total)]))
    lids = draw(st.sampled_from([None, *LidPosition]))
    return seen(lids, gaze)


def seen(lids: LidPosition | None, gaze: Regions | None = None) -> Evidence:
    """What a frame with a face says."""
    return Evidence(has_face=True, lids=lids, gaze=gaze)


def most_probable(belief: Belief) -> State:
    """The state that is believed in."""
    return max(zip(belief, HIDDEN, strict=True))[1]


def test_priors_are_probabilities() -> None:
    """Rows sum to one, nothing follows itself, every state is left again."""
    assert np.array(NEXT_STATE).sum(axis=1) == pytest.approx(np.ones(5))
    assert np.diag(np.array(NEXT_STATE)).tolist() == [0] * 5
    assert rate_matrix().sum(axis=1) == pytest.approx(np.zeros(5), abs=1e-12)
    assert np.diag(rate_matrix()) == pytest.approx(-1 / np.array(MEAN_DWELL_S))
    for table in (FACE, *LIDS.values()):
        assert all(0 < share < 1 for share in table)


@given(st.integers(0, 1200))
def test_transitions_are_probabilities(steps: int) -> None:
    """Any interval moves belief about without losing any."""
    matrix = transition(steps)
    assert matrix.sum(axis=1) == pytest.approx(np.ones(5))
    assert (matrix >= -1e-12).all()


@given(st.integers(1, 200), st.integers(1, 200))
def test_two_intervals_are_their_sum(one: int, other: int) -> None:
    """Dropped frames need no special case."""
    assert transition(one) @ transition(other) == pytest.approx(transition(one + other), abs=1e-6)


def test_start_is_where_the_chain_rests() -> None:
    """Nothing seen for another minute changes nothing."""
    assert np.array(start()) @ transition(1200) == pytest.approx(np.array(start()), abs=1e-3)


@given(st.lists(st.tuples(evidences(), intervals), max_size=20))
def test_belief_stays_a_distribution(frames: list[tuple[Evidence | None, float]]) -> None:
    """Whatever comes, in whatever rhythm, belief is finite, positive and sums to one."""
    belief = start()
    for evidence, since_s in frames:
        belief = step(belief, evidence, since_s=since_s)
        assert sum(belief) == pytest.approx(1)
        assert all(math.isfinite(p) and p >= 0 for p in belief)


@pytest.mark.parametrize(
    ("evidence", "state"),
    [
        pytest.param(seen(LidPosition.OPEN, ON), State.FOCUSED, id="on"),
        pytest.param(seen(LidPosition.OPEN, DOWN), State.DRIFTING, id="down"),
        pytest.param(seen(LidPosition.OPEN, AWAY), State.AWAY, id="away"),
        pytest.param(seen(LidPosition.CLOSED), State.EYES_CLOSED, id="closed"),
        pytest.param(Evidence(has_face=False), State.ABSENT, id="absent"),
    ],
)
def test_clear_evidence_is_believed_within_a_second_and_a_half(
    evidence: Evidence, state: State
) -> None:
    """From watching for long, at two frames a second, three frames are enough, one is not."""
    belief = start()
    for _ in range(20):
        belief = step(belief, seen(LidPosition.OPEN, ON), since_s=0.5)
    said = []
    for _ in range(4):
        belief = step(belief, evidence, since_s=0.5)
        said.append(most_probable(belief))
    assert said[2:] == [state, state]
    assert said[0] is State.FOCUSED


@given(st.integers(1, 4))
def test_fast_frames_are_not_more_sure(times: int) -> None:
    """Half a second of frames weighs the same at two and at sixteen frames a second."""
    rate = 2**times
    evidence = seen(None, AWAY)
    once = np.array(log_likelihood(evidence, since_s=0.5))
    often = rate / 2 * np.array(log_likelihood(evidence, since_s=1 / rate))
    gaze_once = once[2] - once[0]
    gaze_often = often[2] - often[0]
    assert gaze_often == pytest.approx(gaze_once, rel=0.1)


def test_lowered_lids_say_nothing_between_reading_and_sleeping() -> None:
    """What was believed before decides."""
    terms = log_likelihood(seen(LidPosition.LOWERED), since_s=0.5)
    lids = [term - math.log(face) for term, face in zip(terms, FACE, strict=True)]
    assert lids[HIDDEN.index(State.DRIFTING)] == pytest.approx(
        lids[HIDDEN.index(State.EYES_CLOSED)]
    )


def test_long_silence_starts_anew() -> None:
    """After more than a minute without a frame the old belief is worth nothing."""
    sure = tuple(1.0 if state is State.EYES_CLOSED else 0.0 for state in HIDDEN)
    evidence = seen(LidPosition.OPEN, ON)
    assert step(sure, evidence, since_s=61) == step(start(), evidence, since_s=0.5)
