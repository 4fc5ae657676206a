"""Intervals against the same question asked of every millisecond."""

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from analytics.segments import bin_edges, overlap_ms, played, union, union_by_owner
from tests.analytics.rows import segments

LENGTH_MS = 60

intervals = st.lists(
    st.tuples(st.integers(0, LENGTH_MS), st.integers(0, LENGTH_MS)).map(
        lambda ab: (min(ab), max(ab))
    ),
    max_size=12,
)


def _arrays(parts: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    whole = np.array(parts, np.int64).reshape(-1, 2)
    return whole[:, 0], whole[:, 1]


def _milliseconds(from_ms: np.ndarray, to_ms: np.ndarray) -> list[int]:
    return [ms for a, b in zip(from_ms, to_ms, strict=True) for ms in range(a, b)]


@given(intervals)
def test_union_has_the_same_milliseconds_once(parts: list[tuple[int, int]]) -> None:
    """And its intervals are in order and apart."""
    from_ms, to_ms = union(*_arrays(parts))
    found = _milliseconds(from_ms, to_ms)
    assert found == sorted(set(_milliseconds(*_arrays(parts))))
    assert all(from_ms[1:] > to_ms[:-1])


@given(st.lists(st.tuples(st.integers(0, 3), intervals), max_size=4))
def test_owners_do_not_mix(groups: list[tuple[int, list[tuple[int, int]]]]) -> None:
    """Each owner has the union of its own segments."""
    flat = [(owner, a, b) for owner, parts in groups for a, b in parts]
    owner, from_ms, to_ms = np.array(flat, np.int64).reshape(-1, 3).T
    whose, once_from, once_to = union_by_owner(owner, from_ms, to_ms)
    for one in range(4):
        mine = [(a, b) for o, a, b in flat if o == one]
        found = _milliseconds(once_from[whose == one], once_to[whose == one])
        assert found == sorted(set(_milliseconds(*_arrays(mine))))


@given(intervals, st.integers(1, LENGTH_MS), st.integers(1, 25))
def test_overlap_counts_every_millisecond_of_every_bin(
    parts: list[tuple[int, int]], length_ms: int, bin_ms: int
) -> None:
    """Passes counted, the last bin shorter, what lies outside not counted."""
    edges = bin_edges(length_ms, bin_ms)
    found = overlap_ms(*_arrays(parts), edges)
    all_ms = _milliseconds(*_arrays(parts))
    expected = [sum(a <= ms < b for ms in all_ms) for a, b in itertools.pairwise(edges)]
    assert found.tolist() == expected
    assert edges[0] == 0
    assert edges[-1] == length_ms


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50), st.booleans()), max_size=10))
def test_sums_of_a_session(parts: list[tuple[int, int, bool]]) -> None:
    """Watched counts passes, unique does not, hidden is apart; empty segments count nothing."""
    found = played(segments(*parts))
    real = [(a, b, visible) for a, b, visible in parts if b > a]
    seen = [ms for a, b, visible in real if visible for ms in range(a, b)]
    assert found.watched_ms == len(seen)
    assert found.unique_ms == len(set(seen))
    assert found.hidden_ms == sum(b - a for a, b, visible in real if not visible)
    if real:
        assert (found.first_ms, found.last_ms) == (real[0][0], real[-1][1])
        assert found.max_ms == max(b for _, b, _ in real)


def test_twenty_thousand_segments_are_exact() -> None:
    """The largest session that the contract allows, over the largest position."""
    top = 2**32 - 1
    parts = [(top - 1000 - k, top) for k in range(20_000)]
    found = played(segments(*parts))
    assert found.watched_ms == sum(b - a for a, b in parts)
    assert found.unique_ms == 20_999
