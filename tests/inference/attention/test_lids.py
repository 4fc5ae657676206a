"""Are the lids closed?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.attention.lids import LidPosition, read_lids

opens = st.floats(0.2, 0.4)


@given(st.floats(0, 0.6), opens, st.floats(0, 60))
def test_openness_is_a_share(ratio: float, usual: float, down: float) -> None:
    """Whatever the ratio, openness stays in 0..1."""
    assert 0 <= read_lids(ratio, usual, down).openness <= 1


@given(opens)
def test_usual_eyes_are_open_and_shut_eyes_closed(usual: float) -> None:
    """Against the person's own eyes, wide or narrow."""
    assert read_lids(usual, usual, 0).openness == 1
    assert read_lids(usual, usual, 0).position is LidPosition.OPEN
    assert read_lids(0.065, usual, 0).position is LidPosition.CLOSED


@given(st.floats(0.06, 0.4), opens, st.floats(0, 30), st.floats(0, 30))
def test_looking_down_never_makes_eyes_seem_more_closed(
    ratio: float, usual: float, down: float, more: float
) -> None:
    """The same opening counts for more, the further down one looks."""
    here, there = read_lids(ratio, usual, down), read_lids(ratio, usual, down + more)
    assert there.openness >= here.openness - 1e-12


@pytest.mark.parametrize(
    ("down_deg", "position"),
    [(0.0, LidPosition.CLOSED), (11.0, LidPosition.CLOSED), (13.0, LidPosition.LOWERED)],
)
def test_closed_lids_of_a_lowered_look_are_only_lowered(
    down_deg: float, position: LidPosition
) -> None:
    """Beyond the trap nobody can tell reading from sleeping."""
    assert read_lids(0.07, 0.3, down_deg).position is position


def test_reading_notes_is_not_closing_the_eyes() -> None:
    """Lids that follow the gaze down by 20 degrees, as measured, stay open."""
    assert read_lids(0.30 - 0.0054 * 20, 0.30, 20).position is LidPosition.OPEN
