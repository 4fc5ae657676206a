"""What is usual, out of counts that fade."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.attention.histogram import HALF_LIFE_S, densest_halves, fading, quantiles

EDGES = np.linspace(-60, 60, 61)


def densest_half(counts: np.ndarray) -> tuple[float, float]:
    """Of one histogram, next to another one that must not matter."""
    middles, spreads = densest_halves(np.stack([np.ones(60), counts, counts[::-1]]), EDGES)
    width = max(float(spreads[1]), 1e-3)  # of equally dense halves the first one is taken
    assert middles[2] == pytest.approx(-middles[1], abs=width)
    return float(middles[1]), float(spreads[1])


def counted(values: np.ndarray) -> np.ndarray:
    """Counts of values."""
    return np.histogram(values, EDGES)[0].astype(np.float32)


@given(st.floats(-40, 40), st.floats(2, 10), st.integers(0, 2**32 - 1))
def test_middle_and_spread_of_a_bell(centre: float, spread: float, seed: int) -> None:
    """The densest half of many normal values is around their centre, as wide as they are."""
    values = np.random.default_rng(seed).normal(centre, spread, 2000)
    middle, found = densest_half(counted(values))
    assert middle == pytest.approx(centre, abs=1 + 0.25 * spread)
    assert found == pytest.approx(spread, rel=0.25, abs=0.5)


@given(st.floats(-50, 50), st.floats(-50, 50), st.floats(0, 0.45))
def test_minority_elsewhere_does_not_move_the_middle(
    centre: float, elsewhere: float, share: float
) -> None:
    """A mean would follow, the densest half stays."""
    one, other = (np.random.default_rng(1).normal(c, 3, 1000) for c in (centre, elsewhere))
    counts = (1 - share) * counted(one) + share * counted(other)
    middle, _ = densest_half(counts)
    near = abs(centre - elsewhere) < 15
    assert near or middle == pytest.approx(centre, abs=3)


@given(st.integers(0, 59), st.floats(0.1, 1e4))
def test_one_bin_is_its_own_middle(at: int, mass: float) -> None:
    """A single count lies in the middle of its bin."""
    counts = np.zeros(60, np.float32)
    counts[at] = mass
    middle, spread = densest_half(counts)
    assert middle == pytest.approx((EDGES[at] + EDGES[at + 1]) / 2, abs=0.6)
    assert spread < 2


@given(st.lists(st.integers(0, 9), min_size=60, max_size=60), st.floats(0, 0.99))
def test_quantiles_are_numpys(counts: list[int], share: float) -> None:
    """Within a bin of the quantile of the middles."""
    if sum(counts) == 0:
        counts[0] = 1
    middles = np.repeat((EDGES[:-1] + EDGES[1:]) / 2, counts)
    [found] = quantiles(np.array(counts, np.float32), EDGES, [share])
    low = np.quantile(middles, share, method="lower") - 1
    high = np.quantile(middles, share, method="higher") + 1
    assert low - 1e-3 <= found <= high + 1e-3


@given(st.integers(1, 100))
def test_half_is_forgotten_in_a_half_life(frames: int) -> None:
    """Whatever the frame rate."""
    left = 1.0
    for _ in range(frames):
        left *= fading(HALF_LIFE_S / frames)
    assert left == pytest.approx(0.5)
