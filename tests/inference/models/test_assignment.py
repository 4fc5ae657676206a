"""The cheapest assignment."""

from itertools import permutations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from inference.models.assignment import F64, cheapest_assignment

SMALL = st.integers(1, 6).flatmap(
    lambda size: arrays.arrays(np.float64, (size, size), elements=st.integers(-9, 9))
)


@given(SMALL)
def test_nothing_is_cheaper(costs: F64) -> None:
    """Every other assignment of a small table costs at least as much."""
    rows = np.arange(len(costs))
    chosen = cheapest_assignment(costs)
    assert sorted(chosen) == rows.tolist()
    least = min(costs[rows, list(other)].sum() for other in permutations(rows))
    assert costs[rows, chosen].sum() == least


@given(st.integers(0, 2**32 - 1), st.integers(2, 40))
def test_a_hidden_pairing_is_found(seed: int, size: int) -> None:
    """Cheap cells that form one assignment are that assignment."""
    random = np.random.default_rng(seed)
    hidden = random.permutation(size)
    costs = random.uniform(1, 2, (size, size))
    costs[np.arange(size), hidden] = random.uniform(0, 0.5, size)
    np.testing.assert_array_equal(cheapest_assignment(costs), hidden)
