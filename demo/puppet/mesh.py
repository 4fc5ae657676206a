"""Which triangles join the landmarks of one portrait.

Delaunay on the portrait's own landmarks: no table of triangles has to be shipped, and measured
slopes of the rendered head pose are the same as with the canonical triangles.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]
I32 = NDArray[np.int32]

FACE_POINTS = 468
"""Points of the face surface; the irises that follow them are inside the eye openings."""


def triangles_of(points_px: F32) -> I32:
    """Join the points in the picture plane.

    Args:
        points_px: (468, 2) landmarks of an upright, roughly frontal face.

    Returns:
        (T, 3) indices of the corners, every triangle with the same orientation in the picture.
    """
    low, high = points_px.min(axis=0) - 8.0, points_px.max(axis=0) + 8.0
    width, height = (float(v) for v in high - low)
    plane = cv2.Subdiv2D((0, 0, int(width) + 1, int(height) + 1))
    moved = (points_px - low).astype(np.float32)
    index_of: dict[tuple[float, float], int] = {}
    for index, (x, y) in enumerate(moved.tolist()):
        if (x, y) not in index_of:
            plane.insert((x, y))
            index_of[x, y] = index
    corners = [
        [index_of.get((x, y), -1) for x, y in ((a, b), (c, d), (e, f))]
        for a, b, c, d, e, f in np.asarray(plane.getTriangleList()).tolist()
    ]
    whole = [corner for corner in corners if min(corner) >= 0]
    found = np.array(whole, dtype=np.int32).reshape(-1, 3)
    area = signed_areas(moved, found)
    found[area < 0] = found[area < 0][:, ::-1]
    return found


def signed_areas(points_px: F32, triangles: I32) -> F32:
    """Twice the area of each triangle, positive when clockwise on the screen.

    Args:
        points_px: (L, 2) picture points.
        triangles: (T, 3) indices.

    Returns:
        (T,) in square pixels.
    """
    a, b, c = (points_px[triangles[:, corner]] for corner in range(3))
    ab, ac = b - a, c - a
    return np.asarray(ab[:, 0] * ac[:, 1] - ab[:, 1] * ac[:, 0], dtype=np.float32)
