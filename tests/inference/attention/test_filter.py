"""Which of five hidden states is the person in, frame after frame?"""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.attention.dwell import HIDDEN, PHASES, STATES
from inference.attention.filter import FIRST_FRAME_S, Belief, by_state, start, steps
from inference.attention.lids import LidPosition
from inference.attention.likelihood import Evidence, log_terms
from inference.attention.state import State
from tests.inference.attention.sitter import AWAY, DOWN, ON, evidences, seen

WATCHING = seen(LidPosition.OPEN, ON)


def step(belief: Belief, evidence: Evidence | None, since_s: float = 0.5) -> Belief:
    """Belief of one stream after one frame."""
    since = np.array([since_s])
    logs = log_terms([evidence], since).sum(axis=1)
    after, _ = steps(np.array([belief]), logs, since)
    return tuple(after[0].tolist())


def most_probable(belief: Belief) -> State:
    """The state that is believed in."""
    return HIDDEN[int(by_state(np.array([belief]))[0].argmax())]


@given(st.lists(st.tuples(evidences(), st.floats(0, 120)), max_size=20))
def test_belief_stays_a_distribution(frames: list[tuple[Evidence | None, float]]) -> None:
    """Whatever comes, in whatever rhythm, belief is finite, positive and sums to one."""
    belief = start()
    for evidence, since_s in frames:
        belief = step(belief, evidence, since_s)
        assert sum(belief) == pytest.approx(1)
        assert all(math.isfinite(p) and p >= 0 for p in belief)


@pytest.mark.parametrize(
    ("evidence", "state"),
    [
        pytest.param(seen(LidPosition.OPEN, DOWN), State.DRIFTING, id="down"),
        pytest.param(seen(LidPosition.OPEN, AWAY), State.AWAY, id="away"),
        pytest.param(seen(LidPosition.CLOSED), State.EYES_CLOSED, id="closed"),
        pytest.param(Evidence(has_face=False), State.ABSENT, id="absent"),
    ],
)
def test_clear_evidence_is_believed_within_a_second_and_a_half(
    evidence: Evidence, state: State
) -> None:
    """From watching for long, at two frames a second, one frame is not enough and three are."""
    belief = start()
    for _ in range(20):
        belief = step(belief, WATCHING)
    said = []
    for _ in range(4):
        belief = step(belief, evidence)
        said.append(most_probable(belief))
    assert said[2:] == [state, state]
    assert said[0] is State.FOCUSED


def test_state_that_is_young_is_not_left_at_once() -> None:
    """Phases remember: one open frame ends a long closure sooner than a short one."""
    after = []
    for frames in (3, 12):
        belief = start()
        for _ in range(frames):
            belief = step(belief, seen(LidPosition.CLOSED))
        belief = step(belief, None, 1.0)
        after.append(by_state(np.array([belief]))[0][HIDDEN.index(State.EYES_CLOSED)])
    assert after[0] > after[1]


def test_long_silence_starts_anew() -> None:
    """After more than a minute without a frame the old belief is worth nothing."""
    sure = tuple(1.0 if phase == PHASES - 1 else 0.0 for phase in range(PHASES))
    assert step(sure, WATCHING, 61) == pytest.approx(step(start(), WATCHING, FIRST_FRAME_S))


@given(st.lists(st.tuples(evidences(), st.floats(0, 90)), min_size=1, max_size=6))
def test_streams_of_a_batch_do_not_know_of_each_other(
    frames: list[tuple[Evidence | None, float]],
) -> None:
    """A batch is as good as one by one."""
    since = np.array([since_s for _, since_s in frames])
    logs = log_terms([evidence for evidence, _ in frames], since).sum(axis=1)
    together, likelihoods = steps(np.array([start()] * len(frames)), logs, since)
    assert likelihoods.shape == (len(frames), STATES)
    assert likelihoods.max(axis=1) == pytest.approx(np.ones(len(frames)))
    for row, (_, since_s), log in zip(together, frames, logs, strict=True):
        alone, _ = steps(np.array([start()]), log[None], np.array([since_s]))
        assert row == pytest.approx(alone[0])
