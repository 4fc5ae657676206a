"""From the attention mesh's outputs to one list of points: where each number is taken from.

Lips and eyes have outputs of their own, which replace x and y of their points. The graph gives
irises no depth, so each takes the mean depth of its eye's contour (with zero it would move by
several percent of the eye width at 20 degrees of yaw).

All outputs are put into one row a face, and every number is picked out of it at once: right after
a network has run, a step of numpy costs by the step, not by the number.
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from inference.perception import points

F32 = npt.NDArray[np.float32]
Ids = npt.NDArray[np.intp]

AXES = 3
_RIGHT_IRIS = points.RIGHT_IRIS + np.arange(points.IRIS_POINTS)
_LEFT_IRIS = points.LEFT_IRIS + np.arange(points.IRIS_POINTS)
_MESH = "output_mesh_identity"
_FINER = {
    "output_lips": points.LIPS,
    "output_left_eye": points.RIGHT_EYE,
    "output_right_eye": points.LEFT_EYE,
    "output_left_iris": _RIGHT_IRIS,
    "output_right_iris": _LEFT_IRIS,
}
"""Points whose x and y each output holds; the network names its outputs by the image side."""
_CONTOURS = np.stack(
    [eye[: points.EYE_CONTOUR_POINTS] for eye in (points.RIGHT_EYE, points.LEFT_EYE)]
)
_CONTOUR_DEPTHS: Ids = _CONTOURS * AXES + AXES - 1
"""(2, 16) places of depths in the mesh's own output."""


def assemble(outputs: Mapping[str, F32]) -> F32:
    """Put the network's outputs together, (N, 478, 3) in crop pixels."""
    base = outputs[_MESH].reshape(-1, points.MESH_POINTS * AXES)
    finer = [outputs[name].reshape(len(base), -1) for name in _FINER]
    depths = base.take(_CONTOUR_DEPTHS, axis=1).mean(axis=2)
    landmarks: F32 = np.concatenate([base, *finer, depths], axis=1).take(_PLACES, axis=1)
    return landmarks


def _places() -> Ids:
    """(478, 3) places in the row that `assemble` makes."""
    places = np.empty((points.ALL_POINTS, AXES), np.intp)
    behind = points.MESH_POINTS * AXES
    places[: points.MESH_POINTS] = np.arange(behind).reshape(-1, AXES)
    for ids in _FINER.values():
        places[ids, :2] = behind + np.arange(2 * len(ids)).reshape(-1, 2)
        behind += 2 * len(ids)
    places[_RIGHT_IRIS, 2], places[_LEFT_IRIS, 2] = behind, behind + 1
    return places


_PLACES = _places()
