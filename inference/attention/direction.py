"""Where something points, in degrees of the camera frame: yaw positive to the image left, pitch up.

Perception measures radians; people and screens are judged in degrees, here and nowhere else.
"""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Direction:
    """Two angles."""

    yaw_deg: float
    pitch_deg: float

    @classmethod
    def of(cls, yaw_rad: float | None, pitch_rad: float | None) -> "Direction | None":
        """What was measured; None when either angle is missing."""
        if yaw_rad is None or pitch_rad is None:
            return None
        return cls(math.degrees(yaw_rad), math.degrees(pitch_rad))

    def minus(self, other: "Direction") -> "Direction":
        """The difference of two directions."""
        return Direction(self.yaw_deg - other.yaw_deg, self.pitch_deg - other.pitch_deg)

    def towards(self, other: "Direction", share: float) -> "Direction":
        """The direction that lies this share of the way to another one."""
        return Direction(
            self.yaw_deg + share * (other.yaw_deg - self.yaw_deg),
            self.pitch_deg + share * (other.pitch_deg - self.pitch_deg),
        )

    def apart(self, other: "Direction") -> float:
        """Degrees between two directions."""
        return math.hypot(self.yaw_deg - other.yaw_deg, self.pitch_deg - other.pitch_deg)
