"""How much of a round Gaussian lies in a convex polygon?

By Green's theorem the integral over the inside is one along the edges. With the standard normal
density f and its integral F, d/dx F(x) f(y) = f(x) f(y), so

    mass = sum over edges of  integral of F(x) f(y) dy

Each edge is a straight line, clipped to |y| <= `REACH` (nothing lies beyond), and integrated with
Gauss-Legendre nodes in pieces of at most `PIECE` standard deviations. Error below 1e-6.
"""

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

Point = tuple[float, float]
Polygon = tuple[Point, ...]
"""Corners counter-clockwise (x to the right, y up)."""

REACH = 6.0
PIECE = 2.0
MIN_CORNERS = 3
_NODES, _WEIGHTS = (values.tolist() for values in np.polynomial.legendre.leggauss(8))
_ROOT_2, _ROOT_2_PI = math.sqrt(2), math.sqrt(2 * math.pi)


def mass(polygon: Polygon, mean: Point, sigma: float) -> float:
    """Probability that a point drawn around `mean` lies in the polygon.

    Args:
        polygon: convex, counter-clockwise.
        mean: middle of the Gaussian, in the polygon's unit.
        sigma: one standard deviation of either axis, in the same unit.
    """
    scaled = [((x - mean[0]) / sigma, (y - mean[1]) / sigma) for x, y in polygon]
    total = sum(_along(start, end) for start, end in _edges(scaled))
    return min(max(total, 0.0), 1.0)


def area(polygon: Polygon) -> float:
    """Area, positive when the corners go counter-clockwise."""
    return sum(ax * by - bx * ay for (ax, ay), (bx, by) in _edges(polygon)) / 2


def is_convex(polygon: Polygon) -> bool:
    """Whether the corners go counter-clockwise around a convex polygon with an inside."""
    turns = []
    for (ax, ay), (bx, by), (cx, cy) in zip(
        polygon, polygon[1:] + polygon[:1], polygon[2:] + polygon[:2], strict=True
    ):
        turns.append((bx - ax) * (cy - by) - (by - ay) * (cx - bx))
    return len(polygon) >= MIN_CORNERS and min(turns) > 0


def widened(polygon: Polygon, margin: float) -> Polygon:
    """The polygon with every edge moved outwards by `margin`."""
    lines = []
    for (ax, ay), (bx, by) in _edges(polygon):
        length = math.hypot(bx - ax, by - ay)
        normal = ((by - ay) / length, (ax - bx) / length)  # outwards, to the right of the way
        lines.append((*normal, normal[0] * ax + normal[1] * ay + margin))
    return tuple(_crossing(lines[index - 1], line) for index, line in enumerate(lines))


def _edges(polygon: Sequence[Point]) -> Iterator[tuple[Point, Point]]:
    return pairwise((*polygon, polygon[0]))


def _crossing(one: tuple[float, float, float], other: tuple[float, float, float]) -> Point:
    """Where two lines a*x + b*y = c meet."""
    (a, b, c), (d, e, f) = one, other
    determinant = a * e - b * d
    return (c * e - b * f) / determinant, (a * f - c * d) / determinant


def _along(start: Point, end: Point) -> float:
    """Integral of F(x) f(y) dy from start to end."""
    (ax, ay), (bx, by) = start, end
    low, high = max(min(ay, by), -REACH), min(max(ay, by), REACH)
    if low >= high:
        return 0.0
    slope = (bx - ax) / (by - ay)
    pieces = math.ceil(max(high - low, min(abs(slope) * (high - low), 4 * REACH)) / PIECE)
    half = (high - low) / (2 * pieces)
    total = 0.0
    for piece in range(pieces):
        middle = low + (2 * piece + 1) * half
        for node, weight in zip(_NODES, _WEIGHTS, strict=True):
            y = middle + half * node
            x = ax + slope * (y - ay)
            total += weight * (1 + math.erf(x / _ROOT_2)) * math.exp(-y * y / 2)
    return math.copysign(total * half / (2 * _ROOT_2_PI), by - ay)
