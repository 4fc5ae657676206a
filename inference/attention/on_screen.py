"""How probable is it that the eyes are on the screen, below it, or elsewhere?

The gaze is a Gaussian around its measured direction, relative to the person's usual one; the
probability of a region is its integral over a rectangle. The three regions share the whole plane.
"""

import math
from dataclasses import dataclass

from inference.attention.baseline import Direction

HALF_WIDTH_DEG, HALF_HEIGHT_DEG = 16.0, 9.0
"""Half of a 15-inch screen at 58 cm."""
MARGIN_DEG = 5.0
EDGE_YAW_DEG = HALF_WIDTH_DEG + MARGIN_DEG
EDGE_PITCH_DEG = HALF_HEIGHT_DEG + MARGIN_DEG
DOWN_YAW_DEG = 35.0
"""Looking down further aside than this is looking away."""
FARTHEST_DEG = 180.0


@dataclass(frozen=True, slots=True)
class Regions:
    """Probabilities of where the eyes are; they sum to 1."""

    on: float
    down: float
    away: float


def regions(off: Direction, sigma_rad: float) -> Regions:
    """Integrate the gaze over the three regions.

    Args:
        off: gaze less the usual gaze.
        sigma_rad: one standard deviation of either angle.
    """
    yaw, pitch = off.degrees()
    sigma = math.degrees(sigma_rad)
    on = _between(-EDGE_YAW_DEG, EDGE_YAW_DEG, yaw, sigma) * _between(
        -EDGE_PITCH_DEG, EDGE_PITCH_DEG, pitch, sigma
    )
    down = _between(-DOWN_YAW_DEG, DOWN_YAW_DEG, yaw, sigma) * _between(
        -FARTHEST_DEG, -EDGE_PITCH_DEG, pitch, sigma
    )
    return Regions(on, down, max(1.0 - on - down, 0.0))


def _between(low: float, high: float, mean: float, sigma: float) -> float:
    scale = sigma * math.sqrt(2)
    return 0.5 * (math.erf((high - mean) / scale) - math.erf((low - mean) / scale))
