"""Which state was the person in, now that the next frames are known too?"""

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.attention.dwell import HIDDEN, PHASES, STATES, stationary, transitions
from inference.attention.filter import Trace, by_state, start, steps
from inference.attention.lids import LidPosition
from inference.attention.likelihood import Evidence, log_terms
from inference.attention.smoother import smooth
from inference.attention.state import State
from tests.inference.attention.sitter import AWAY, ON, evidences, seen

Frames = Sequence[tuple[Evidence | None, float]]


def traced(frames: Frames) -> list[Trace]:
    """The filter's steps over some frames."""
    belief, traces = np.array([start()]), []
    for index, (evidence, since_s) in enumerate(frames):
        since = np.array([since_s])
        logs = log_terms([evidence], since).sum(axis=1)
        belief, likelihoods = steps(belief, logs, since)
        began = index == 0 or since_s > 60
        traces.append(
            Trace(
                tuple(belief[0].tolist()),
                tuple(likelihoods[0].tolist()),
                None if began else since_s,
            )
        )
    return traces


FRAMES = st.lists(st.tuples(evidences(), st.floats(0, 3)), min_size=1, max_size=12)


@given(FRAMES)
def test_newest_frame_is_what_the_filter_says(
    frames: Frames,
) -> None:
    """Nothing is known after it."""
    traces = traced(frames)
    newest = by_state(np.array([traces[-1].belief]))[0]
    assert smooth(traces)[-1] == pytest.approx(newest)


@given(st.lists(st.tuples(evidences(), st.floats(0.05, 3)), min_size=2, max_size=4))
def test_smoother_is_the_sum_over_all_ways(
    frames: Frames,
) -> None:
    """Against the definition: the joint probability, summed over everything else."""
    traces = traced(frames)
    moves = transitions(np.array([trace.since_s or 0.5 for trace in traces]))
    of = np.array([trace.likelihood for trace in traces])
    phases = np.repeat(np.arange(STATES), (1, 2, 2, 4, 2))
    joint = stationary() @ transitions(np.array([frames[0][1]]))[0] * of[0][phases]
    for move, likelihood in zip(moves[1:], of[1:], strict=True):
        joint = joint[..., None] * move * likelihood[phases]
    joint /= joint.sum()
    for index, row in enumerate(smooth(traces)):
        others = tuple(axis for axis in range(len(traces)) if axis != index)
        assert row == pytest.approx(by_state(joint.sum(axis=others)[None])[0], abs=1e-9)


def test_one_odd_frame_is_seen_through() -> None:
    """A single look aside between frames of watching is a mistake of the frame."""
    watching, aside = seen(LidPosition.OPEN, ON), seen(LidPosition.OPEN, AWAY)
    traces = traced([(watching, 0.5)] * 6 + [(aside, 0.5)] + [(watching, 0.5)] * 4)
    assert smooth(traces)[6][0] > 0.9
    traces = traced([(watching, 0.5)] * 6 + [(aside, 0.5)] * 5)
    later = smooth(traces)[6]
    now = by_state(np.array([traces[6].belief]))[0]
    away = HIDDEN.index(State.AWAY)
    assert later[away] > 0.6 > now[away]


def test_what_came_after_a_long_silence_says_nothing_of_before() -> None:
    """The filter began anew."""
    watching, gone = seen(LidPosition.OPEN, ON), Evidence(has_face=False)
    before = traced([(watching, 0.5)] * 3)
    traces = traced([(watching, 0.5)] * 3 + [(gone, 90.0)] + [(gone, 0.5)] * 3)
    assert smooth(traces)[2] == pytest.approx(smooth(before)[2])


@given(
    st.lists(
        st.tuples(
            st.lists(st.floats(-1e4, 1e4), min_size=PHASES, max_size=PHASES),
            st.lists(st.floats(-1e4, 1e4), min_size=STATES, max_size=STATES),
            st.none() | st.floats(-1e9, 1e9) | st.just(math.inf),
        ),
        min_size=1,
        max_size=5,
    )
)
def test_odd_traces_give_a_distribution(
    odd: list[tuple[list[float], list[float], float | None]],
) -> None:
    """What another worker hands over is not checked to be probabilities."""
    traces = [Trace(tuple(belief), tuple(seen), since_s) for belief, seen, since_s in odd]
    found = smooth(traces)
    assert (found >= 0).all()
    assert found.sum(axis=1) == pytest.approx(np.ones(len(odd)))


def test_nothing_is_smoothed_to_nothing() -> None:
    """No frames, no belief."""
    assert smooth([]).size == 0
