"""The pulse of a class."""

import statistics

from hypothesis import given
from hypothesis import strategies as st

from gateway.live.pulse import PulsePoint, join_history, pulse, quantile, thin

shares = st.lists(st.floats(0, 1), min_size=2, max_size=60)


@given(shares)
def test_quartiles_are_those_of_the_standard_library(attention: list[float]) -> None:
    """Linear between two values, both ends included."""
    low, median, high = statistics.quantiles(attention, n=4, method="inclusive")
    now = pulse(attention, present=len(attention), at_s=1, k=2)
    for ours, theirs in ((now.low, low), (now.median, median), (now.high, high)):
        assert ours is not None
        assert abs(ours - theirs) < 1e-9


@given(shares, st.integers(1, 70))
def test_below_k_nothing_but_numbers_is_told(attention: list[float], k: int) -> None:
    """Nobody can be singled out in a small class."""
    now = pulse(attention, present=99, at_s=1, k=k)
    assert (now.median is None) == (len(attention) < k)
    assert (now.n, now.present) == (len(attention), 99)


def test_one_value_is_every_quantile() -> None:
    """No neighbour is needed."""
    assert [quantile([0.4], share) for share in (0.0, 0.25, 1.0)] == [0.4] * 3


@given(st.integers(0, 500), st.integers(1, 100))
def test_thinned_history_is_short_ordered_and_ends_now(count: int, limit: int) -> None:
    """The newest point always stays."""
    points = [PulsePoint(s, None, None, None, 0, 0) for s in range(count)]
    kept = thin(points, limit)
    assert len(kept) <= limit
    assert kept == sorted(kept, key=lambda point: point.at_s)
    assert kept[-1:] == points[-1:]


def test_stored_facts_come_first_and_what_was_seen_after_them() -> None:
    """Where both know a second, the store is right."""
    stored = [PulsePoint(s, 0.5, None, None, 9, 9) for s in (1, 2)]
    seen = [PulsePoint(s, 0.1, None, None, 9, 9) for s in (2, 3)]
    assert [(p.at_s, p.median) for p in join_history(stored, seen)] == [
        (1, 0.5),
        (2, 0.5),
        (3, 0.1),
    ]
