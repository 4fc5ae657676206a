"""How much of a round Gaussian lies in a convex polygon?"""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from inference.attention.polygon import Polygon, area, is_convex, mass, widened

SQUARE: Polygon = ((-1, -1), (1, -1), (1, 1), (-1, 1))
shifts = st.floats(-6, 6)


@st.composite
def quadrilaterals(draw: st.DrawFn) -> Polygon:
    """A screen seen askew."""
    corners = tuple((15 * x + draw(shifts), 9 * y + draw(shifts)) for x, y in SQUARE)
    assume(is_convex(corners))
    return corners


def turned(polygon: Polygon, angle: float) -> Polygon:
    """A polygon turned around the origin."""
    cos, sin = math.cos(angle), math.sin(angle)
    return tuple((x * cos - y * sin, x * sin + y * cos) for x, y in polygon)


def in_rectangle(half: tuple[float, float], mean: tuple[float, float], sigma: float) -> float:
    """The same of a rectangle, as a product."""
    sides = []
    for edge, middle in zip(half, mean, strict=True):
        scale = sigma * math.sqrt(2)
        sides.append((math.erf((edge - middle) / scale) + math.erf((edge + middle) / scale)) / 2)
    return sides[0] * sides[1]


@given(st.floats(-40, 40), st.floats(-40, 40), st.floats(0.3, 30), st.floats(0, 7))
def test_turned_rectangle_is_the_rectangle(x: float, y: float, sigma: float, angle: float) -> None:
    """A round Gaussian does not know which way the axes point."""
    rectangle: Polygon = ((-21, -14), (21, -14), (21, 14), (-21, 14))
    [mean] = turned(((x, y),), angle)
    assert mass(turned(rectangle, angle), mean, sigma) == pytest.approx(
        in_rectangle((21, 14), (x, y), sigma), abs=1e-5
    )


@pytest.mark.parametrize("seed", range(6))
def test_mass_is_that_of_drawn_points(seed: int) -> None:
    """Against 400,000 points drawn, within five standard errors."""
    chance = np.random.default_rng(seed)
    corners = np.array(SQUARE) * (16, 9) + chance.normal(0, 2.5, (4, 2))
    polygon = tuple((float(x), float(y)) for x, y in corners)
    assert is_convex(polygon)
    mean, sigma = chance.uniform(-25, 25, 2), chance.uniform(2, 12)
    points = chance.normal(size=(400_000, 2)) * sigma + mean
    after = np.roll(corners, -1, axis=0)
    way, off = after - corners, points[:, None] - corners
    share = (way[:, 0] * off[..., 1] - way[:, 1] * off[..., 0] > 0).all(axis=1).mean()
    error = 5 * math.sqrt(max(share * (1 - share), 1e-6) / len(points))
    assert mass(polygon, (float(mean[0]), float(mean[1])), sigma) == pytest.approx(share, abs=error)


@given(quadrilaterals(), st.floats(-60, 60), st.floats(-60, 60), st.floats(0.5, 40))
def test_mass_is_a_probability_and_grows_with_the_margin(
    polygon: Polygon, x: float, y: float, sigma: float
) -> None:
    """More room never holds less."""
    inner, outer = mass(polygon, (x, y), sigma), mass(widened(polygon, 5), (x, y), sigma)
    assert 0 <= inner <= outer + 1e-6 <= 1 + 1e-5


@given(quadrilaterals(), st.floats(0.1, 10))
def test_widened_edges_are_a_margin_away(polygon: Polygon, margin: float) -> None:
    """Each corner's distance to its two old edges is the margin; the shape stays convex."""
    wide = widened(polygon, margin)
    assert is_convex(wide)
    assert area(wide) > area(polygon)
    for index, (x, y) in enumerate(wide):
        for start in (index - 1, index):
            (ax, ay), (bx, by) = polygon[start], polygon[(start + 1) % 4]
            across = (bx - ax) * (y - ay) - (by - ay) * (x - ax)
            assert -across / math.hypot(bx - ax, by - ay) == pytest.approx(margin, abs=1e-6)


def test_convexity_needs_a_direction_and_an_inside() -> None:
    """Clockwise, crossed and flat polygons are none."""
    assert is_convex(SQUARE)
    assert not is_convex(SQUARE[::-1])
    assert not is_convex((SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3]))
    assert not is_convex(((0, 0), (1, 0), (2, 0), (3, 0)))
    assert area(SQUARE) == 4
