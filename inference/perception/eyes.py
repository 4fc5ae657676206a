"""How far are the eyes open? The eye aspect ratio: height of the opening over its width.

Beyond 25 degrees of yaw only the near eye is read. What counts as open is the person's own habit:
`inference.attention.lids` decides. Source: Soukupova & Cech, "Real-Time Eye Blink Detection using
Facial Landmarks", 2016.
"""

import numpy as np
import numpy.typing as npt

from inference.perception import points

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]

NEAR_EYE_ONLY_RAD = float(np.radians(25))


def eye_aspect_ratios(landmarks: F32) -> F64:
    """Ratios of both eyes.

    Args:
        landmarks: (N, 478, 3) pixels.

    Returns:
        (N, 2) of the subject's right and left eye.
    """
    both = []
    for outer, inner, lids in (
        (points.RIGHT_OUTER, points.RIGHT_INNER, points.RIGHT_LIDS),
        (points.LEFT_OUTER, points.LEFT_INNER, points.LEFT_LIDS),
    ):
        heights = sum(_distance(landmarks, upper, lower) for upper, lower in lids)
        both.append(heights / np.maximum(2 * _distance(landmarks, outer, inner), 1e-6))
    return np.stack(both, axis=1)


def eye_weights(yaw_rad: F64) -> F64:
    """How much each eye counts, (N, 2) right and left, rows sum to 1.

    A head turned to the image left (positive) hides its right eye.
    """
    weights = np.full((len(yaw_rad), 2), 0.5)
    weights[yaw_rad > NEAR_EYE_ONLY_RAD] = (0.0, 1.0)
    weights[yaw_rad < -NEAR_EYE_ONLY_RAD] = (1.0, 0.0)
    return weights


def eye_distances(landmarks: F32) -> F64:
    """(N,) distance of the outer eye corners as if the head faced the lens, pixels."""
    across = (landmarks[:, points.LEFT_OUTER] - landmarks[:, points.RIGHT_OUTER]).astype(np.float64)
    distances: F64 = np.linalg.norm(across, axis=1)
    return distances


def _distance(landmarks: F32, one: int, other: int) -> F64:
    apart = (landmarks[:, one, :2] - landmarks[:, other, :2]).astype(np.float64)
    distances: F64 = np.linalg.norm(apart, axis=1)
    return distances
