"""Movements of a puppet's face: points of its mesh are pulled, and the skin around them follows."""

import numpy as np

from tests.inference.perception.puppet import F64, U8, Puppet

MOUTH_CORNERS = (61, 291)
BROWS = (
    (46, 53, 52, 65, 55, 70, 63, 105, 66, 107),
    (276, 283, 282, 295, 285, 300, 293, 334, 296, 336),
)
"""Of the subject's right and left side."""


def smiling(puppet: Puppet, share: float) -> U8:
    """The face with the corners of its mouth pulled out and up by a share of the eye distance."""
    wide = _eye_distance(puppet)
    pulls = {
        corner: np.array([side * share, -share]) * wide
        for corner, side in zip(MOUTH_CORNERS, (-1, 1), strict=True)
    }
    return _drawn(puppet, pulls, reach=0.30 * wide)


def frowning(puppet: Puppet, share: float) -> U8:
    """The face with its brows pulled down, the inner ends together, by a share of that distance."""
    wide = _eye_distance(puppet)
    pulls = {}
    for brow, inwards in zip(BROWS, (1, -1), strict=True):
        for point in brow:
            pulls[point] = np.array([inwards * share / 2, share]) * wide
    return _drawn(puppet, pulls, reach=0.10 * wide)


def _eye_distance(puppet: Puppet) -> float:
    return float(np.linalg.norm(puppet.landmarks[33, :2] - puppet.landmarks[263, :2]))


def _drawn(puppet: Puppet, pulls: dict[int, F64], *, reach: float) -> U8:
    """Draw the face with some points pulled; a point follows its strongest pull."""
    points = puppet.landmarks[:468].astype(np.float64)
    weights = np.stack(
        [
            np.exp(-(((points[:, :2] - points[at, :2]) ** 2).sum(axis=1)) / (2 * reach**2))
            for at in pulls
        ]
    )
    strongest = weights.argmax(axis=0)
    shift = np.stack(list(pulls.values()))[strongest] * weights.max(axis=0)[:, None]
    return puppet._draw(points[:, :2] + shift, points[:, 2], puppet.portrait)
