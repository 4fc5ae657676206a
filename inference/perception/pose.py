"""How is the head turned? Weighted Procrustes of a reference face on the mesh, batched.

Inside, the head frame has x right, y up, z to the viewer; angles go out in the camera frame:
yaw positive towards the image left, pitch up, roll clockwise in the image.
Not solvePnP: with a guessed focal length its rotation error is larger and couples the axes.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]

YAW_GAIN = 1.25
"""The mesh under-turns. Places of landmarks without their depths ask for 1.11 to 1.19 on eight real
people, motion alone for 1.32 on one: the evidence stands in the card `head_pose.md`. Pitch and roll
have no gain.
The mesh sees a crop with level eyes, so that is where the gain belongs: applied to a tilted head's
yaw in the picture it leaves a third more error (3.3 against 2.5 degrees on 200 puppets).
This is the one place that knows it; networks are fed with the measured yaw."""

TURNED_AWAY_RAD = float(np.radians(40))
"""Beyond this yaw a head is turned away, and nobody can tell how far, or where its eyes look."""

TO_HEAD_FRAME = np.array([1.0, -1.0, -1.0])


@dataclass(frozen=True, slots=True, eq=False)
class HeadPoses:
    """N head poses."""

    rotation: F64
    """(N, 3, 3) from the reference face to the head frame, without the yaw gain."""
    yaw_rad: F64
    pitch_rad: F64
    roll_rad: F64
    """(N,) each."""

    def rows(self, rows: npt.NDArray[np.int64]) -> "HeadPoses":
        """Return some of them."""
        return HeadPoses(
            self.rotation[rows], self.yaw_rad[rows], self.pitch_rad[rows], self.roll_rad[rows]
        )

    def level_angles(self) -> tuple[F64, F64]:
        """(N,) yaw and pitch with the eyes level and without the gain, as networks see them."""
        normal = tilted(self.rotation[:, :, 2], -self.roll_rad)
        yaw = -np.arctan2(normal[:, 0], normal[:, 2])
        return yaw, np.arcsin(np.clip(normal[:, 1], -1, 1))

    @property
    def is_turned_away(self) -> npt.NDArray[np.bool_]:
        """(N,) whether the yaw is beyond what can be measured."""
        return np.abs(self.yaw_rad) > TURNED_AWAY_RAD


class Reference:
    """A face looking into the lens, and how much each of its points counts.

    Args:
        points: (468, 3) head frame, any unit and origin.
        weights: (468,) >= 0; at least three are above 0.
    """

    def __init__(self, points: F32, weights: F32) -> None:
        self._used = np.flatnonzero(weights > 0)
        shares = weights[self._used].astype(np.float64)
        self._shares = shares / shares.sum()
        shape = points[self._used].astype(np.float64)
        centred = shape - self._shares @ shape
        self._weighted = centred * self._shares[:, None]

    def poses(self, landmarks: F32) -> HeadPoses:
        """Head poses of (N, 468.., 3) landmarks in pixels."""
        seen = landmarks[:, self._used].astype(np.float64) * TO_HEAD_FRAME
        covariance = seen.transpose(0, 2, 1) @ self._weighted  # centring one side is enough
        left, _, right = np.linalg.svd(covariance)
        left[:, :, 2] *= np.sign(np.linalg.det(left @ right))[:, None]
        rotation = left @ right
        normal = rotation[:, :, 2]
        across = rotation[:, :, 0]
        roll = -np.arctan2(across[:, 1], np.hypot(across[:, 0], across[:, 2]))
        turned = gained(normal, normal, roll)
        yaw = -np.arctan2(turned[:, 0], turned[:, 2])
        return HeadPoses(rotation, yaw, np.arcsin(np.clip(turned[:, 1], -1, 1)), roll)


def gained(directions: F64, normal: F64, roll_rad: F64) -> F64:
    """Turn directions as much further aside as the mesh under-turns their heads, eyes level.

    Args:
        directions: (N, 3) of faces or eyes, head frame.
        normal: (N, 3) where the faces point, head frame.
        roll_rad: (N,) clockwise in the image.

    Returns:
        (N, 3) where they point with the gain.
    """
    level, head = tilted(directions, -roll_rad), tilted(normal, -roll_rad)
    more = (YAW_GAIN - 1) * np.arctan2(head[:, 0], head[:, 2])
    yaw = np.arctan2(level[:, 0], level[:, 2]) + more
    flat = np.hypot(level[:, 0], level[:, 2])
    return tilted(np.stack([np.sin(yaw) * flat, level[:, 1], np.cos(yaw) * flat], 1), roll_rad)


def tilted(directions: F64, roll_rad: F64) -> F64:
    """(N, 3) directions of heads that tilt clockwise by an angle each."""
    cos, sin = np.cos(roll_rad), np.sin(roll_rad)
    x, y, z = directions.T
    return np.stack([x * cos + y * sin, y * cos - x * sin, z], axis=1)
