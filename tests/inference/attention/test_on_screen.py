"""How probable is it that the eyes are on the screen?"""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.attention.baseline import Direction
from inference.attention.on_screen import EDGE_PITCH_DEG, EDGE_YAW_DEG, regions

angles = st.floats(-85, 85)
sigmas = st.floats(1, 30)


def look(yaw_deg: float, pitch_deg: float) -> Direction:
    """A direction in degrees."""
    return Direction(math.radians(yaw_deg), math.radians(pitch_deg))


@given(angles, angles, sigmas)
def test_regions_share_the_plane(yaw: float, pitch: float, sigma: float) -> None:
    """On, down and away are probabilities and sum to 1."""
    found = regions(look(yaw, pitch), math.radians(sigma))
    assert found.on + found.down + found.away == pytest.approx(1, abs=1e-6)
    assert min(found.on, found.down, found.away) >= -1e-12


@given(angles, angles, sigmas)
def test_left_and_right_are_alike(yaw: float, pitch: float, sigma: float) -> None:
    """The screen is symmetric about its middle."""
    here = regions(look(yaw, pitch), math.radians(sigma))
    there = regions(look(-yaw, pitch), math.radians(sigma))
    assert here.on == pytest.approx(there.on, abs=1e-9)
    assert here.down == pytest.approx(there.down, abs=1e-9)


@given(st.floats(0, 80), st.floats(0.5, 10), sigmas)
def test_looking_further_aside_is_never_more_on_screen(
    yaw: float, more: float, sigma: float
) -> None:
    """On-screen probability falls with the angle."""
    near = regions(look(yaw, 0), math.radians(sigma))
    far = regions(look(yaw + more, 0), math.radians(sigma))
    assert far.on <= near.on + 1e-12


@pytest.mark.parametrize(
    ("yaw", "pitch", "region"),
    [
        pytest.param(0, 0, "on", id="middle"),
        pytest.param(14, -8, "on", id="corner of the screen"),
        pytest.param(0, -28, "down", id="notes"),
        pytest.param(20, -30, "down", id="desk beside"),
        pytest.param(45, 0, "away", id="window"),
        pytest.param(60, -30, "away", id="neighbour's desk"),
        pytest.param(0, 35, "away", id="ceiling"),
    ],
)
def test_sure_looks_have_one_region(yaw: float, pitch: float, region: str) -> None:
    """With little uncertainty each target is where it belongs."""
    found = regions(look(yaw, pitch), math.radians(3))
    assert getattr(found, region) > 0.9


def test_edges_are_even_odds() -> None:
    """At the edge of the margin the odds are one to one."""
    assert regions(look(EDGE_YAW_DEG, 0), math.radians(2)).on == pytest.approx(0.5, abs=1e-6)
    assert regions(look(0, -EDGE_PITCH_DEG), math.radians(2)).down == pytest.approx(0.5, abs=1e-6)
