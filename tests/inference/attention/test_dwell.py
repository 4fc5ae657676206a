"""How long does each state last, and what comes after it?"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.attention.dwell import (
    GRID_S,
    HIDDEN,
    MEAN_DWELL_S,
    NEXT_STATE,
    PHASES,
    PHASES_OF,
    RESTART_S,
    STATE_OF,
    TO_STATES,
    exponential,
    rate_matrix,
    stationary,
    transitions,
)


def test_priors_are_probabilities() -> None:
    """Rows sum to one, nothing follows itself, every phase is left again."""
    assert np.array(NEXT_STATE).sum(axis=1) == pytest.approx(np.ones(5))
    assert np.diag(np.array(NEXT_STATE)).tolist() == [0] * 5
    assert rate_matrix().sum(axis=1) == pytest.approx(np.zeros(PHASES), abs=1e-12)
    assert (np.diag(rate_matrix()) < 0).all()
    assert PHASES == len(STATE_OF) == 11


@pytest.mark.parametrize("state", range(len(HIDDEN)))
def test_dwell_has_the_stated_mean_and_erlangs_spread(state: int) -> None:
    """Of the time until the state is left: mean as stated, variance mean squared over phases."""
    inside = state == STATE_OF
    staying = rate_matrix()[inside][:, inside]
    began = np.eye(PHASES_OF[state])[0]
    inverse = np.linalg.inv(-staying)
    mean = (began @ inverse).sum()
    variance = 2 * (began @ inverse @ inverse).sum() - mean**2
    assert mean == pytest.approx(MEAN_DWELL_S[state])
    assert variance == pytest.approx(MEAN_DWELL_S[state] ** 2 / PHASES_OF[state])


@given(st.lists(st.floats(0, RESTART_S), min_size=1, max_size=8))
def test_transitions_are_probabilities(intervals_s: list[float]) -> None:
    """Any interval moves belief about without losing any."""
    moved = transitions(np.array(intervals_s))
    assert moved.sum(axis=2) == pytest.approx(np.ones((len(intervals_s), PHASES)))
    assert (moved >= 0).all()


@given(st.floats(0, RESTART_S))
def test_table_is_the_exponential(interval_s: float) -> None:
    """On the grid exactly, between its steps to a thousandth."""
    on_grid = round(interval_s / GRID_S) * GRID_S
    assert transitions(np.array([on_grid]))[0] == pytest.approx(
        exponential(rate_matrix(), on_grid), abs=1e-9
    )
    assert transitions(np.array([interval_s]))[0] == pytest.approx(
        exponential(rate_matrix(), interval_s), abs=1e-3
    )


@given(st.integers(1, 200), st.integers(1, 200))
def test_two_intervals_are_their_sum(one: int, other: int) -> None:
    """Dropped frames need no special case."""
    first, second, both = transitions(np.array([one, other, one + other]) * GRID_S)
    assert first @ second == pytest.approx(both, abs=1e-9)


def test_nothing_moves_in_no_time() -> None:
    """T(0) is the identity."""
    assert transitions(np.zeros(1))[0].tolist() == np.eye(PHASES).tolist()


def test_chain_rests_where_it_starts() -> None:
    """The stationary belief stays, and is reached from anywhere."""
    assert stationary() @ rate_matrix() == pytest.approx(np.zeros(PHASES), abs=1e-12)
    long_after = np.linalg.matrix_power(transitions(np.array([RESTART_S]))[0], 30)
    assert long_after == pytest.approx(np.tile(stationary(), (PHASES, 1)), abs=1e-9)
    assert (stationary() @ TO_STATES)[0] > 0.5
