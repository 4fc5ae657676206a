"""Which rows are kept, and in what shape."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapt.errors import InvalidMessage
from rapt.limits import MAX_CLOCK_ERROR_S

from analytics.arrivals import Arrivals
from analytics.facts import Row, Session
from tests.analytics.rows import fact, interaction, segments, session

NOW_S = datetime.now(UTC).timestamp()


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(0, 5)), max_size=40))
def test_rows_of_an_older_lease_are_dropped(arrivals: list[tuple[int, int]]) -> None:
    """A row is kept exactly if no row of its account had a higher fence before."""
    door, newest, expected, kept = Arrivals(), dict.fromkeys((1, 2, 3), 0), [], []
    for user_key, fence in arrivals:
        newest[user_key] = max(newest[user_key], fence)
        expected.append(fence >= newest[user_key])
        found = door.check([fact(1, user_key=user_key, fence=fence)], now_s=NOW_S)
        kept.append(found.packed.rows == 1)
        assert found.dropped["fence"] == 1 - found.packed.rows
    assert kept == expected


def test_the_same_user_key_of_another_tenant_is_somebody_else() -> None:
    """Fences do not cross tenants."""
    door = Arrivals()
    door.check([fact(1, fence=9)], now_s=NOW_S)
    assert door.check([fact(2, fence=1)], now_s=NOW_S).packed.rows == 1


@pytest.mark.parametrize(
    ("ahead_s", "kept"), [(MAX_CLOCK_ERROR_S + 1, 0), (MAX_CLOCK_ERROR_S - 1, 1)]
)
def test_rows_from_the_future_are_dropped(ahead_s: float, kept: int) -> None:
    """Five minutes are forgiven."""
    when = datetime.fromtimestamp(NOW_S, UTC) + timedelta(seconds=ahead_s)
    found = Arrivals().check([fact(1, ts=when), interaction(1, ts=when)], now_s=NOW_S)
    assert found.packed.rows == 2 * kept
    assert found.dropped["future"] == 2 * (1 - kept)


def test_a_session_is_completed_from_its_segments() -> None:
    """Sums that contradict the segments can not be written; the version rises."""
    door, versions = Arrivals(), []
    for _ in range(3):
        row = session(1, version=0, watched_ms=999, segments=segments((0, 5000), (2000, 3000)))
        found = door.check([row], now_s=NOW_S)
        (stored,) = msgspec.msgpack.decode(found.packed.data, type=list[Row])
        assert isinstance(stored, Session)
        assert (stored.watched_ms, stored.unique_ms, stored.max_ms) == (6000, 5000, 5000)
        versions.append(stored.version)
    assert versions == sorted(set(versions))


def test_counts_are_by_table() -> None:
    """So that they can be compared with what is read back."""
    found = Arrivals().check([fact(1), fact(1), interaction(1), session(1)], now_s=NOW_S)
    assert found.kept == {"facts": 2, "interactions": 1, "sessions": 1}


def test_a_value_that_fits_no_column_is_refused_with_its_place() -> None:
    """At the door, not by the store a minute later."""
    with pytest.raises(InvalidMessage, match="a row does not fit"):
        Arrivals().check([fact(1, frames=300)], now_s=NOW_S)
