"""Retention against its definition and its identities."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.facts import Session
from analytics.retention import Plays, Retention, retention
from tests.analytics.oracle import curves
from tests.analytics.rows import segments, session

LENGTHS_MS = st.integers(1, 4_500)

parts = st.lists(
    st.tuples(
        st.integers(0, 5_000).map(lambda ms: ms // 250 * 250), st.integers(0, 3_000), st.booleans()
    ).map(lambda p: (p[0], p[0] + p[1], p[2])),
    max_size=5,
)
sittings = st.lists(st.tuples(st.integers(1, 3), parts), max_size=5).map(
    lambda found: [
        session(1, session_id=n, user_key=user, segments=segments(*ps))
        for n, (user, ps) in enumerate(found, 1)
    ]
)


def plays_of(rows: list[Session]) -> Plays:
    """Return the sessions as the store would give them."""
    flat = [(r.session_id, r.user_key, s) for r in rows for s in r.segments]
    return Plays(
        session=np.array([f[0] for f in flat], np.uint64),
        user=np.array([f[1] for f in flat], np.uint64),
        from_ms=np.array([f[2].from_ms for f in flat], np.int64),
        to_ms=np.array([f[2].to_ms for f in flat], np.int64),
        visible=np.array([f[2].visible for f in flat], np.bool_),
    )


def exact(found: Retention) -> tuple[int, list[Fraction], list[Fraction]]:
    """Return starts, A and U as fractions of whole milliseconds."""
    widths = found.width_ms.tolist()
    absolute = [
        Fraction(ms, w * found.starts) if found.starts else Fraction(0)
        for ms, w in zip(found.plays_ms.tolist(), widths, strict=True)
    ]
    unique = [
        Fraction(ms, w * found.users) if found.users else Fraction(0)
        for ms, w in zip(found.unique_ms.tolist(), widths, strict=True)
    ]
    return found.starts, absolute, unique


@given(sittings, LENGTHS_MS, st.sampled_from([500, 1000]))
def test_it_is_the_definition(rows: list[Session], length_ms: int, bin_ms: int) -> None:
    """Every bin equals the count of every millisecond, exactly."""
    found = retention(plays_of(rows), length_ms=length_ms, bin_ms=bin_ms)
    assert exact(found) == curves(rows, length_ms, bin_ms)


@given(sittings, LENGTHS_MS)
def test_absolute_adds_up_to_the_watch_time(rows: list[Session], length_ms: int) -> None:
    """The sum of A(i) * w(i) * starts is what was watched in all starts."""
    found = retention(plays_of(rows), length_ms=length_ms)
    _, absolute, _ = exact(found)
    total = sum(
        a * w * found.starts for a, w in zip(absolute, found.width_ms.tolist(), strict=True)
    )
    watched = {r.session_id: _visible_ms(r, length_ms) for r in rows}
    assert total == sum(ms for ms in watched.values() if ms >= 1000)


@given(sittings, LENGTHS_MS)
def test_unique_averages_to_the_coverage(rows: list[Session], length_ms: int) -> None:
    """The mean of U over the content is the mean coverage of the users with a start."""
    found = retention(plays_of(rows), length_ms=length_ms)
    _, absolute, unique = exact(found)
    mean = sum(u * w for u, w in zip(unique, found.width_ms.tolist(), strict=True)) / length_ms
    seen: dict[int, set[int]] = {}
    for row in rows:
        if _visible_ms(row, length_ms) >= 1000:
            ms = {m for s in row.segments if s.visible for m in range(s.from_ms, s.to_ms)}
            seen.setdefault(row.user_key, set()).update(m for m in ms if m < length_ms)
    coverage = [Fraction(len(ms), length_ms) for ms in seen.values()]
    assert mean == (sum(coverage, Fraction(0)) / len(coverage) if coverage else 0)
    assert all(u <= 1 for u in unique)
    if found.starts == found.users:
        assert all(u <= a for u, a in zip(unique, absolute, strict=True))


def _visible_ms(row: Session, length_ms: int) -> int:
    return sum(max(0, min(s.to_ms, length_ms) - s.from_ms) for s in row.segments if s.visible)


@pytest.mark.parametrize(
    ("parts_ms", "starts"),
    [
        pytest.param([(0, 999)], 0, id="a millisecond short of a start"),
        pytest.param([(0, 1000)], 1, id="a start"),
        pytest.param([(0, 500), (100, 600)], 1, id="a second in two passes"),
        pytest.param([(0, 5000, False)], 0, id="hidden all the time"),
        pytest.param([(9_500, 20_000)], 0, id="past the end"),
        pytest.param([], 0, id="nothing"),
    ],
)
def test_what_a_start_is(parts_ms: list[tuple[int, int]], starts: int) -> None:
    """At least one second of visible play inside of the content."""
    rows = [session(1, segments=segments(*parts_ms))]
    found = retention(plays_of(rows), length_ms=10_000)
    assert found.starts == starts
    assert (found.plays_ms.sum() > 0) == (starts > 0)


def test_a_content_without_length_has_no_bins() -> None:
    """And no error."""
    found = retention(plays_of([]), length_ms=0)
    assert found.absolute().tolist() == []
