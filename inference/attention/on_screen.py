"""How probable is it that the eyes are on the screen, below it, or elsewhere?

The gaze is a round Gaussian around its measured direction, relative to the person's usual one. The
probability of a region is its integral: over a rectangle for the screen that every person is
thought to have, over a quadrilateral for one whose corners the person has shown (`calibration`).
Three regions share the field in which people look; all angles here are degrees, yaw positive to the
image left, pitch up.
"""

import math
from dataclasses import dataclass

from inference.attention import polygon
from inference.attention.polygon import Polygon

HALF_WIDTH_DEG, HALF_HEIGHT_DEG = 16.0, 9.0
"""Half of a 15-inch screen at 58 cm."""
MARGIN_DEG = 5.0
EDGE_YAW_DEG = HALF_WIDTH_DEG + MARGIN_DEG
EDGE_PITCH_DEG = HALF_HEIGHT_DEG + MARGIN_DEG
DOWN_YAW_DEG = 35.0
"""Looking down further aside than this is looking away."""
FIELD_YAW_DEG, FIELD_PITCH_DEG = 90.0, 60.0
"""Nobody turns the eyes further than this, either way."""
FIELD_AREA = 4 * FIELD_YAW_DEG * FIELD_PITCH_DEG
MIN_AREA = 1.0
MIN_IN_FIELD = 1e-6
_ROOT_2 = math.sqrt(2)


@dataclass(frozen=True, slots=True)
class Screen:
    """The screen with its margin, in degrees from the usual gaze."""

    left: float = EDGE_YAW_DEG
    """Its edge at the image left, the person's right."""
    right: float = -EDGE_YAW_DEG
    top: float = EDGE_PITCH_DEG
    bottom: float = -EDGE_PITCH_DEG
    corners: Polygon = ()
    """Counter-clockwise by (yaw, pitch); empty for the rectangle of the four edges."""
    area: float = 4 * EDGE_YAW_DEG * EDGE_PITCH_DEG

    @classmethod
    def of(cls, corners: Polygon, margin_deg: float = MARGIN_DEG) -> "Screen":
        """A screen with these corners, counter-clockwise, and a margin around it."""
        wide = polygon.widened(corners, margin_deg)
        yaws, pitches = zip(*wide, strict=True)
        return cls(
            max(yaws),
            min(yaws),
            max(pitches),
            min(pitches),
            wide,
            max(polygon.area(wide), MIN_AREA),
        )

    @property
    def down_area(self) -> float:
        """Of the region below the screen."""
        return max(2 * DOWN_YAW_DEG * (FIELD_PITCH_DEG + self.bottom), MIN_AREA)


USUAL = Screen()


@dataclass(frozen=True, slots=True)
class Regions:
    """Probabilities of where the eyes are; they sum to 1."""

    on: float
    down: float
    away: float
    screen: Screen = USUAL

    # A density is a probability over the area of its region, in units of 1 over the field.

    @property
    def on_density(self) -> float:
        """Of the gaze, if it is on the screen."""
        return self.on * FIELD_AREA / self.screen.area

    @property
    def down_density(self) -> float:
        """Of the gaze, if it is below the screen."""
        return self.down * FIELD_AREA / self.screen.down_area

    @property
    def away_density(self) -> float:
        """Of the gaze, if it is elsewhere."""
        rest = max(FIELD_AREA - self.screen.area - self.screen.down_area, MIN_AREA)
        return self.away * FIELD_AREA / rest


def regions(yaw: float, pitch: float, sigma: float, screen: Screen = USUAL) -> Regions:
    """Integrate the gaze over the three regions.

    Args:
        yaw: of the gaze less the usual gaze, degrees.
        pitch: the same.
        sigma: one standard deviation of either angle, degrees.
        screen: of this person.
    """
    field = _between(-FIELD_YAW_DEG, FIELD_YAW_DEG, yaw, sigma) * _between(
        -FIELD_PITCH_DEG, FIELD_PITCH_DEG, pitch, sigma
    )
    if field < MIN_IN_FIELD:
        return Regions(0.0, 0.0, 1.0, screen)
    if screen.corners:
        on = polygon.mass(screen.corners, (yaw, pitch), sigma)
    else:
        on = _between(screen.right, screen.left, yaw, sigma) * _between(
            screen.bottom, screen.top, pitch, sigma
        )
    down = _between(-DOWN_YAW_DEG, DOWN_YAW_DEG, yaw, sigma) * _between(
        -FIELD_PITCH_DEG, screen.bottom, pitch, sigma
    )
    on, down = min(on / field, 1.0), down / field
    down = min(down, 1.0 - on)
    return Regions(on, down, max(1.0 - on - down, 0.0), screen)


def edge_distance(yaw: float, pitch: float, screen: Screen = USUAL) -> float:
    """Degrees from a gaze to the nearest edge of the screen; negative outside."""
    inside = min(screen.left - yaw, yaw - screen.right, screen.top - pitch, pitch - screen.bottom)
    if inside >= 0:
        return inside
    beside = max(screen.right - yaw, yaw - screen.left, 0.0)
    above = max(screen.bottom - pitch, pitch - screen.top, 0.0)
    return -math.hypot(beside, above)


def _between(low: float, high: float, mean: float, sigma: float) -> float:
    scale = sigma * _ROOT_2
    return 0.5 * (math.erf((high - mean) / scale) - math.erf((low - mean) / scale))
