"""Which movements do the landmarks alone show? Smile, lowered brows and narrowed eyes.

Distances in the head's own frame, over the distance of the outer eye corners: neither the size nor
the turn of the head counts. How long a mouth or how low a brow is differs from person to person, so
only differences to the same person's usual values mean something.

Smile and squint are fitted to the blendshape network on three faces (a clip of 472 frames, two
portraits with pulled mouths and brows): mean differences 0.07 and 0.06, correlations within a face
0.91 to 0.98 and 0.86 to 0.97. Brows are set by hand and not validated: glasses hide them.
"""

import numpy as np
import numpy.typing as npt

from inference.perception import points
from inference.perception.pose import TO_HEAD_FRAME, HeadPoses

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]

MOUTH_RIGHT, MOUTH_LEFT = 61, 291
LIPS_MIDDLE = (13, 14)
UNDER_NOSE = 2
BROWS = (55, 107, 105, 285, 336, 334)
BROW_RIGHT, BROW_LEFT = 55, 285
"""Inner ends."""
EYE_CORNERS = (points.RIGHT_OUTER, points.RIGHT_INNER, points.LEFT_OUTER, points.LEFT_INNER)
UPPER_LIDS = (160, 159, 158, 385, 386, 387)
LOWER_LIDS = (144, 145, 153, 373, 374, 380)

USUAL = np.array([0.67, 0.045, 0.221, 0.24, 0.29, -0.021, 0.07])
"""Shape of the faces that it was fitted on, in the order of `shapes`."""
SMILE = np.array([10.1, 8.3, -28.3, 0, 0, 0, 0])
SQUINT = np.array([0, 0, 0, 0, 0, 69.0, -9.0])
SMILE_AT_USUAL, SQUINT_AT_USUAL = 0.2, -0.42
"""Slopes and intercepts of the logits."""
BROWS_DOWN = np.array([0, 0, 0, -5.0, -2.5, 0, 0])
BROWS_AT_USUAL = 0.2
"""Slopes and intercept: brows that come down by a twentieth of the eye distance give 0.25."""


def read_shape(landmarks: F32, poses: HeadPoses) -> F64:
    """Read the movements of N faces.

    Args:
        landmarks: (N, 478, 3) pixels.
        poses: of the same heads.

    Returns:
        (N, 3) smile, brows down and squint, 0..1.
    """
    off = shapes(landmarks, poses) - USUAL
    smile = _share(SMILE_AT_USUAL + off @ SMILE)
    squint = _share(SQUINT_AT_USUAL + off @ SQUINT)
    brows = np.clip(BROWS_AT_USUAL + off @ BROWS_DOWN, 0, 1)
    return np.stack([smile, brows, squint], axis=1)


def shapes(landmarks: F32, poses: HeadPoses) -> F64:
    """Measure N faces.

    Returns:
        (N, 7) in distances of the outer eye corners: width of the mouth, height of its corners
        over its middle, fall from the nose to its corners, height of the brows over the eyes, gap
        between the brows, height of the lower lids over the eye corners, opening of the eyes.
    """
    heads = (landmarks.astype(np.float64) * TO_HEAD_FRAME) @ poses.rotation
    x, y = heads[:, :, 0], heads[:, :, 1]
    eyes = heads[:, points.LEFT_OUTER] - heads[:, points.RIGHT_OUTER]
    mouth_y = _mean(y, (MOUTH_RIGHT, MOUTH_LEFT))
    eyes_y = _mean(y, EYE_CORNERS)
    lower_y = _mean(y, LOWER_LIDS)
    lengths = [
        x[:, MOUTH_LEFT] - x[:, MOUTH_RIGHT],
        mouth_y - _mean(y, LIPS_MIDDLE),
        y[:, UNDER_NOSE] - mouth_y,
        _mean(y, BROWS) - eyes_y,
        x[:, BROW_LEFT] - x[:, BROW_RIGHT],
        lower_y - eyes_y,
        _mean(y, UPPER_LIDS) - lower_y,
    ]
    across = np.maximum(np.linalg.norm(eyes, axis=1), 1e-6)
    measured: F64 = np.stack(lengths, axis=1) / across[:, None]
    return measured


def _mean(values: F64, ids: tuple[int, ...]) -> F64:
    mean: F64 = values[:, ids].mean(axis=1)
    return mean


def _share(logit: F64) -> F64:
    return np.asarray(1 / (1 + np.exp(-np.clip(logit, -30, 30))), np.float64)
