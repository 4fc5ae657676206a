"""Where do the eyes look? By gaze-estimation-adas-0002 of the Open Model Zoo.

Input contract: both eyes as planes of blue, green, red, 0..255, 60x60, cut level, 1.8 eye widths a
side; head pose angles in degrees. Three traps, each decided by turning a real face by known angles:
1. `left_eye_image` is the eye at the image left, the subject's right one.
2. The angles are minus our yaw, minus our pitch, and 0, of the head as the crops show it: eyes
   level, without our gain. With the yaw and pitch in the picture instead, a head tilted by 20 to 30
   degrees has its gaze wrong by 5 degrees instead of 2.
3. The output is no unit vector, has y up, and z is negative towards the camera.

Source: Intel's model card; mean error 6.95 degrees on two people it was not trained on.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from inference.perception.eye_crops import cut_eyes, eye_regions, to_planes
from inference.perception.pose import HeadPoses
from inference.perception.rows import Opener, RowNetwork
from inference.scheduling.stages import StageRun

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]
U8 = npt.NDArray[np.uint8]

SIDE_PX = 60
WIDTHS = 1.8
"""Side of a crop over the distance of the eye's corners."""
STEEPEST_RAD = float(np.radians(85))
PITCH_SHARE = 0.28
"""Of the head's pitch, added to the gaze's: with eyes that are fixed in their head the network's
answer follows the head by 0.64 and 0.81 on two portraits, and against the irises it falls behind by
0.29 of the head's pitch on a clip of a person. It follows in yaw: 0.05 there."""
NETWORK_SIGMA_RAD = float(np.radians(7))
"""The vendor's mean error; a prior for a person never seen before."""


class GazeNetwork:
    """Directions of the gaze for batches of faces."""

    def __init__(self, network: RowNetwork) -> None:
        self._network = network

    @classmethod
    def load(cls, opener: Opener) -> "GazeNetwork | None":
        """Open and warm it, if it is there."""
        network = opener.open("gaze")
        return cls(network) if network is not None else None

    def angles(self, pictures: Sequence[U8], landmarks: F32, poses: HeadPoses) -> tuple[F64, F64]:
        """Directions in the camera frame.

        Args:
            pictures: N of (H, W, 3) RGB.
            landmarks: (N, 478, 3) pixels, N >= 1.
            poses: of the same heads.

        Returns:
            (N,) yaw_rad positive towards the image left; (N,) pitch_rad positive up.
        """
        regions = eye_regions(landmarks, poses.roll_rad, WIDTHS)
        eyes = cut_eyes(pictures, regions, SIDE_PX)
        right, left = eyes[:, 0], eyes[:, 1]
        is_fed_with_bytes = self._network.takes_bytes
        feeds = {
            "left_eye_image": right if is_fed_with_bytes else to_planes(right),
            "right_eye_image": left if is_fed_with_bytes else to_planes(left),
            "head_pose_angles": head_angles(poses),
        }
        [vectors] = self._network.run(feeds)
        _, head_pitch = poses.level_angles()
        return to_angles(vectors.astype(np.float64), poses.roll_rad, PITCH_SHARE * head_pitch)

    def take_runs(self) -> list[StageRun]:
        """Return the runs since the last call."""
        return self._network.take_runs()


def head_angles(poses: HeadPoses) -> F32:
    """(N, 3) yaw, pitch, roll in degrees, as the network counts them."""
    yaw, pitch = poses.level_angles()
    return np.asarray(np.degrees(np.stack([-yaw, -pitch, np.zeros_like(yaw)], 1)), np.float32)


def to_angles(vectors: F64, roll_rad: F64, more_pitch_rad: F64) -> tuple[F64, F64]:
    """Turn output vectors back by the roll of their crops and read their angles.

    Args:
        vectors: (N, 3) x image right, y up, z negative towards the camera; any length above 0.
        roll_rad: (N,) by which the crops were turned, clockwise.
        more_pitch_rad: (N,) to be added to the pitch in the level crop.

    Returns:
        (N,) yaw_rad positive towards the image left; (N,) pitch_rad positive up.
    """
    length = np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    x, y, z = (vectors / length).T
    pitch = np.clip(np.arcsin(np.clip(y, -1, 1)) + more_pitch_rad, -STEEPEST_RAD, STEEPEST_RAD)
    flat = np.cos(pitch) / np.maximum(np.hypot(x, z), 1e-9)
    x, y, z = x * flat, np.sin(pitch), z * flat
    cosine, sine = np.cos(roll_rad), np.sin(roll_rad)
    across, up = x * cosine + y * sine, y * cosine - x * sine
    return np.arctan2(-across, -z), np.arcsin(np.clip(up, -1, 1))
