"""Which of the 478 points of a face are which. Right and left are the subject's own.

468 points of the mesh, then five of the right iris, five of the left. In an unmirrored picture the
subject's right eye is at the image left. The attention mesh names its outputs by the image side.
"""

import numpy as np
import numpy.typing as npt

from inference.models import landmarks

I64 = npt.NDArray[np.int64]

MESH_POINTS = landmarks.POINTS
ALL_POINTS = landmarks.ALL_POINTS

RIGHT_OUTER, RIGHT_INNER, RIGHT_IRIS = 33, 133, 468
LEFT_OUTER, LEFT_INNER, LEFT_IRIS = 263, 362, 473
IRIS_POINTS = 5

RIGHT_LIDS = ((160, 144), (158, 153))
LEFT_LIDS = ((387, 373), (385, 380))
"""Pairs of points above and below the opening."""

EYE_CONTOUR_POINTS = 16
"""The first so many of the eye lists are the contour of the opening."""

LIPS: I64 = np.array(landmarks.LIPS, np.int64)
RIGHT_EYE: I64 = np.array(landmarks.RIGHT_EYE, np.int64)
LEFT_EYE: I64 = np.array(landmarks.LEFT_EYE, np.int64)
"""Points that the network refines, in the order of its outputs."""
