"""How probable is it that the eyes are on the screen?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.attention.on_screen import (
    EDGE_PITCH_DEG,
    EDGE_YAW_DEG,
    FIELD_AREA,
    HALF_HEIGHT_DEG,
    HALF_WIDTH_DEG,
    USUAL,
    Screen,
    edge_distance,
    regions,
)

angles = st.floats(-85, 85)
sigmas = st.floats(1, 30)
RECTANGLE = Screen.of(
    (
        (-HALF_WIDTH_DEG, -HALF_HEIGHT_DEG),
        (HALF_WIDTH_DEG, -HALF_HEIGHT_DEG),
        (HALF_WIDTH_DEG, HALF_HEIGHT_DEG),
        (-HALF_WIDTH_DEG, HALF_HEIGHT_DEG),
    )
)
KEYSTONE = Screen.of(((-14, -10), (13, -8), (18, 9), (-17, 8)))


@given(angles, angles, sigmas, st.sampled_from([USUAL, KEYSTONE]))
def test_regions_share_the_field(yaw: float, pitch: float, sigma: float, screen: Screen) -> None:
    """On, down and away are probabilities and sum to 1, their areas to the field."""
    found = regions(yaw, pitch, sigma, screen)
    assert found.on + found.down + found.away == pytest.approx(1, abs=1e-6)
    assert min(found.on, found.down, found.away) >= 0
    assert 0 < screen.area + screen.down_area < FIELD_AREA


@given(angles, angles, sigmas)
def test_rectangle_of_corners_is_the_rectangle(yaw: float, pitch: float, sigma: float) -> None:
    """Both ways to integrate agree."""
    ours, theirs = regions(yaw, pitch, sigma), regions(yaw, pitch, sigma, RECTANGLE)
    assert theirs.on == pytest.approx(ours.on, abs=1e-6)
    assert theirs.on_density == pytest.approx(ours.on_density, abs=1e-4)
    assert theirs.down == pytest.approx(ours.down, abs=1e-6)


@given(angles, angles, sigmas)
def test_left_and_right_are_alike(yaw: float, pitch: float, sigma: float) -> None:
    """The usual screen is symmetric about its middle."""
    here, there = regions(yaw, pitch, sigma), regions(-yaw, pitch, sigma)
    assert here.on == pytest.approx(there.on, abs=1e-9)
    assert here.down == pytest.approx(there.down, abs=1e-9)


@given(st.floats(0, 60), st.floats(0.5, 10), st.floats(1, 15))
def test_looking_further_aside_is_never_more_on_screen(
    yaw: float, more: float, sigma: float
) -> None:
    """On-screen probability falls with the angle."""
    assert regions(yaw + more, 0, sigma).on <= regions(yaw, 0, sigma).on + 1e-3


@pytest.mark.parametrize("screen", [USUAL, RECTANGLE])
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
        pytest.param(200, 0, "away", id="behind"),
    ],
)
def test_sure_looks_have_one_region(screen: Screen, yaw: float, pitch: float, region: str) -> None:
    """With little uncertainty each target is where it belongs."""
    assert getattr(regions(yaw, pitch, 3, screen), region) > 0.9


def test_edges_are_even_odds() -> None:
    """At the edge of the margin the odds are one to one."""
    assert regions(EDGE_YAW_DEG, 0, 2).on == pytest.approx(0.5, abs=1e-6)
    assert regions(0, -EDGE_PITCH_DEG, 2).down == pytest.approx(0.5, abs=1e-6)


@pytest.mark.parametrize(
    ("yaw", "pitch", "distance"),
    [(0, 0, 14), (20, 0, 1), (21, 14, 0), (31, 0, -10), (24, -18, -5), (0, 20, -6)],
)
def test_edge_distance_is_negative_outside(yaw: float, pitch: float, distance: float) -> None:
    """Degrees to the nearest edge of the usual screen with its margin."""
    assert edge_distance(yaw, pitch) == pytest.approx(distance)
