"""Are the lids closed?"""

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.attention.lids import (
    LidPosition,
    Opening,
    learn_opening,
    read_lids,
)

opens = st.floats(0.2, 0.4)


def eyes(open_ratio: float) -> Opening:
    """Somebody's eyes."""
    return replace(Opening.new(), open_ratio=open_ratio)


def learned(ratios: list[float], *, closed_below: float = 0.12) -> Opening:
    """An opening after some half seconds."""
    opening = Opening.new()
    for ratio in ratios:
        is_closed = ratio < closed_below
        opening = learn_opening(opening, ratio, frame_s=0.5, is_closed=is_closed)
    return opening


@given(st.floats(0, 0.6), opens, st.floats(0, 60), st.none() | st.floats(0, 1))
def test_openness_is_a_share(
    ratio: float, usual: float, down: float, network: float | None
) -> None:
    """Whatever the ratio, openness stays in 0..1."""
    assert 0 <= read_lids(ratio, eyes(usual), down, network).openness <= 1


@given(opens)
def test_usual_eyes_are_open_and_shut_eyes_closed(usual: float) -> None:
    """Against the person's own eyes, wide or narrow."""
    assert read_lids(usual, eyes(usual), 0).openness == 1
    assert read_lids(usual, eyes(usual), 0).position is LidPosition.OPEN
    assert read_lids(0.065, eyes(usual), 0).position is LidPosition.CLOSED


@given(st.floats(0.06, 0.4), opens, st.floats(0, 30), st.floats(0, 30))
def test_looking_down_never_makes_eyes_seem_more_closed(
    ratio: float, usual: float, down: float, more: float
) -> None:
    """The same opening counts for more, the further down one looks."""
    here, there = (read_lids(ratio, eyes(usual), deg) for deg in (down, down + more))
    assert there.openness >= here.openness - 1e-12


@pytest.mark.parametrize(
    ("down_deg", "were_closed", "position"),
    [
        (0.0, False, LidPosition.CLOSED),
        (11.0, False, LidPosition.CLOSED),
        (13.0, False, LidPosition.LOWERED),
        (13.0, True, LidPosition.CLOSED),
    ],
)
def test_closed_lids_of_a_lowered_look_are_only_lowered(
    down_deg: float,
    were_closed: bool,  # noqa: FBT001 - a column of the table
    position: LidPosition,
) -> None:
    """Beyond the trap nobody can tell reading from sleeping, unless the sleep came first."""
    assert read_lids(0.07, eyes(0.3), down_deg, were_closed=were_closed).position is position


def test_reading_notes_is_not_closing_the_eyes() -> None:
    """Lids that follow the gaze down by 20 degrees, as measured, stay open."""
    assert read_lids(0.30 - 0.0054 * 20, eyes(0.30), 20).position is LidPosition.OPEN


@pytest.mark.parametrize(
    ("ratio", "network", "openness", "position"),
    [
        pytest.param(0.06, 0.9, 0.0, LidPosition.CLOSED, id="both closed"),
        pytest.param(0.30, 0.1, 1.0, LidPosition.OPEN, id="both open"),
        pytest.param(0.06, 0.0, 0.0, LidPosition.CLOSED, id="narrow, network sure of open"),
        pytest.param(0.30, 0.6, 1.0, LidPosition.OPEN, id="wide, network unsure"),
        pytest.param(0.18, 0.95, 0.5, LidPosition.CLOSED, id="half open, network sure"),
        pytest.param(0.18, 0.6, 0.5, LidPosition.OPEN, id="half open, network unsure"),
        pytest.param(0.30, 0.95, 1.0, LidPosition.OPEN, id="wide, network sure of closed"),
    ],
)
def test_network_closes_half_open_lids_alone(
    ratio: float, network: float, openness: float, position: LidPosition
) -> None:
    """Where the opening is beyond doubt it decides; an unsure network says nothing."""
    found = read_lids(ratio, eyes(0.3), 0, network)
    assert found.openness == pytest.approx(openness)
    assert found.position is position


@given(st.floats(0, 0.6), opens, st.floats(0, 60), st.floats(0, 1))
def test_network_opens_no_lids(ratio: float, usual: float, down: float, network: float) -> None:
    """What the opening calls closed or lowered stays so, whoever disagrees."""
    alone, asked = (read_lids(ratio, eyes(usual), down, each) for each in (None, network))
    assert asked.position >= alone.position
    assert asked.openness == alone.openness


@given(opens)
def test_open_ratio_is_the_upper_part_of_what_is_seen(ratio: float) -> None:
    """Near the ninetieth percentile, so that blinks and squints do not pull it down."""
    chance = random.Random(2)
    opening = learned([chance.gauss(ratio, 0.012) for _ in range(200)])
    assert opening.open_ratio == pytest.approx(ratio + 0.015, abs=0.015)


def test_sleep_does_not_become_the_usual_opening() -> None:
    """Twenty minutes of closed lids after a minute of watching."""
    opening = learned([0.28] * 120 + [0.07] * 2400)
    assert opening.open_ratio > 0.25
    assert opening.closed_ratio == pytest.approx(0.07, abs=0.01)
    assert read_lids(0.07, opening, 0).position is LidPosition.CLOSED
    assert read_lids(0.28, opening, 0).position is LidPosition.OPEN


def test_lids_that_never_shut_tell_nothing_of_closed_ones() -> None:
    """Narrow eyes are not taken for closed ones of a wide-eyed person."""
    assert learned([0.24, 0.26, 0.22] * 100).closed_ratio == Opening.new().closed_ratio
