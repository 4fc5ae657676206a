"""Where do the eyes look? Coarse, from where the irises stand between the corners of the eyes.

In the head frame, (iris centre - middle of the corners) over the corner distance is the sine of the
eye's turn times eye radius over eye width. Vertical is weak: lids move the contour. It can say
"towards the screen", never "which paragraph", and only against the person's own habit.
"""

import numpy as np
import numpy.typing as npt

from inference.perception import points
from inference.perception.pose import TO_HEAD_FRAME, HeadPoses, gained

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]

EYE_RADIUS_SHARE = 0.40
"""Eye radius over eye width: an iris of 11.7 mm measures 0.207 of the eye width in radius, and an
eye's radius is 11 to 12 mm."""
NEUTRAL_SHIFT = (0.0, 0.07)
"""Where the irises of people who look straight ahead stand, in eye widths: a little above the line
between the corners. Measured on three faces: 0.074, 0.078, 0.076; less here, since one smiles."""
IRIS_SIGMA_RAD = float(np.radians(12))
"""A prior chosen by hand, for a person never seen before."""
SMALL_FACE_SIGMA_RAD, SMALL_FACE_PX = float(np.radians(0.5)), 143.0
"""Measured: error added by a small picture is 0.5 degrees * (143 / eye distance) ** 1.5."""


def gaze_angles(landmarks: F32, poses: HeadPoses, weights: F64) -> tuple[F64, F64]:
    """Directions of the gaze in the camera frame.

    Args:
        landmarks: (N, 478, 3) pixels.
        poses: of the same heads.
        weights: (N, 2) how much the right and the left eye count.

    Returns:
        (N,) yaw_rad positive towards the image left; (N,) pitch_rad positive up.
    """
    shift = iris_shift(landmarks, poses.rotation, weights)
    across, up = np.clip((shift - NEUTRAL_SHIFT) / EYE_RADIUS_SHARE, -0.95, 0.95).T
    yaw, pitch = np.arcsin(across), np.arcsin(up)
    in_head = np.stack([np.sin(yaw) * np.cos(pitch), np.sin(pitch), np.cos(yaw) * np.cos(pitch)], 1)
    seen = np.einsum("nij,nj->ni", poses.rotation, in_head)
    x, y, z = gained(seen, poses.rotation[:, :, 2], poses.roll_rad).T  # as far as its head
    return -np.arctan2(x, z), np.arcsin(np.clip(y, -1, 1))


def iris_shift(landmarks: F32, rotation: F64, weights: F64) -> F64:
    """(N, 2) irises off the middle of their eyes, in eye widths, x image right, y up."""
    ids = [
        points.RIGHT_OUTER, points.RIGHT_INNER, points.RIGHT_IRIS,
        points.LEFT_OUTER, points.LEFT_INNER, points.LEFT_IRIS,
    ]  # fmt: skip
    turned_back = (landmarks[:, ids].astype(np.float64) * TO_HEAD_FRAME) @ rotation
    eyes = turned_back.reshape(-1, 2, 3, 3)[:, :, :, :2]  # frame, eye, point, axis
    outer, inner, iris = eyes[:, :, 0], eyes[:, :, 1], eyes[:, :, 2]
    width = np.maximum(np.linalg.norm(outer - inner, axis=2), 1e-6)
    shift = (iris - (outer + inner) / 2) / width[:, :, None]
    mean: F64 = np.einsum("nea,ne->na", shift, weights)
    return mean


def gaze_sigma(source_rad: float | F64, eye_distance_px: F64) -> F64:
    """(N,) one standard deviation of the gaze angles, radians, from that of a large picture."""
    small = SMALL_FACE_SIGMA_RAD * (SMALL_FACE_PX / np.maximum(eye_distance_px, 1)) ** 1.5
    sigma: F64 = np.hypot(source_rad, small)
    return sigma
