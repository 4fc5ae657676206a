"""How do the attention mesh's three own operators translate?

The mesh finds 468 points, then looks closer at lips and eyes: it lays a turned box around some of
the points, samples its feature map through that box, finds finer points in the box, and carries
them back. Coordinates are pixels of the network's input. A matrix M carries box to picture.

1. `Landmarks2TransformMatrix` lays the box. With (x, y) the unit vector from the left to the right
   rotation point and t the wanted angle, the points are turned by (t - angle of that vector), whose
   cosine is x cos t + y sin t and whose sine is x sin t - y cos t: no arctangent is needed.
   The box is the turned subset's extent times `scale`, and is turned back.
2. `TransformTensorBilinear` samples at cell centres; see `sampling`.
3. `TransformLandmarks` carries x and y; the matrix never tilts out of the picture.

M is kept as what it consists of, `turn` (N, 2, 2) and `shift` (N, 1, 2) with p' = p turn + shift
for rows p: few nodes, and a GPU starts each node anew. The (N, 4, 4) of the file is drawn only if
something else reads it.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from inference.models.convert.flatbuffer import Operator
from inference.models.convert.layout import Drawing
from inference.models.convert.motion import Motion

_SHORTEST_AXIS_PX = 1e-9  # keeps the unit vector finite when both rotation points coincide


def landmarks_to_transform(drawing: Drawing, operator: Operator) -> None:
    """Lay the box around a subset of the points (N, L, 3)."""
    options = operator.custom_options()
    subset = [int(index) for index in options["subset_idxs"]]
    ends = [options[f"{side}_rotation_idx"] for side in ("left", "right")]
    ids = [*subset, *(index for index in ends if index not in subset)]
    flat = _without_depth(drawing, drawing.read(operator.inputs[0]))
    points = drawing.node("Gather", flat, drawing.ints(*ids), axis=1)  # (N, ids, 2)
    to_box = _turn(drawing, points, [ids.index(i) for i in ends], len(ids), options)
    turned = drawing.node("MatMul", points, to_box)
    if len(ids) > len(subset):
        turned = drawing.cut(turned, axis=1, start=0, end=len(subset))
    most = drawing.node("ReduceMax", turned, axes=[1], keepdims=1)  # (N, 1, 2)
    least = drawing.node("ReduceMin", turned, axes=[1], keepdims=1)
    drawing.keep_motion(operator.outputs[0], _box(drawing, to_box, least, most, options))


def transform_landmarks(drawing: Drawing, operator: Operator) -> None:
    """Carry points (N, L, 2) through a matrix."""
    points, motion = drawing.read(operator.inputs[0]), drawing.motion(operator.inputs[1])
    carried = drawing.node("MatMul", points, motion.turn)
    drawing.write(operator.outputs[0], drawing.node("Add", carried, motion.shift))


def _without_depth(drawing: Drawing, points: str) -> str:
    """(N, L, 2) of (N, L, 3), drawn once for all boxes around the same points."""
    if points not in drawing.flat_points:
        drawing.flat_points[points] = drawing.cut(points, axis=2, start=0, end=2)
    return drawing.flat_points[points]


def _turn(drawing: Drawing, points: str, ends: Sequence[int], count: int, options: Any) -> str:
    """(N, 2, 2) that turns rows (x, y) so that the line between both ends has the wanted angle."""
    difference = np.zeros((1, count), np.float32)
    difference[0, ends[1]] += 1
    difference[0, ends[0]] -= 1
    along = drawing.node("MatMul", drawing.constant(difference), points)  # (N, 1, 2)
    length = drawing.node("ReduceL2", along, axes=[2], keepdims=1)
    unit = drawing.node(
        "Div", along, drawing.node("Max", length, drawing.number(_SHORTEST_AXIS_PX))
    )
    cosine = math.cos(options["target_rotation_radians"])
    sine = math.sin(options["target_rotation_radians"])
    # columns: cos, sin, -sin, cos of the turn, each a sum of the unit vector's x and y
    parts = np.array([[cosine, sine, -sine, cosine], [sine, -cosine, cosine, sine]], np.float32)
    flat = drawing.node("MatMul", unit, drawing.constant(parts))
    return drawing.node("Reshape", flat, drawing.ints(0, 2, 2))


def _box(drawing: Drawing, to_box: str, least: str, most: str, options: Any) -> Motion:
    """Motion from cells of the box to the picture.

    With extent (w, h), cells are w * scale_x / columns apart, and the first cell's corner lies
    half of w * scale_x before the middle; both are then turned back.
    """
    cells = np.array([options["output_width"], options["output_height"]], np.float32)
    scale = np.array([options["scale_x"], options["scale_y"]], np.float32)
    extent = drawing.node("Sub", most, least)
    step = drawing.node("Mul", extent, drawing.constant((scale / cells).reshape(1, 1, 2)))
    corner = drawing.node(
        "Add",
        drawing.node("Mul", least, drawing.constant(((1 + scale) / 2).reshape(1, 1, 2))),
        drawing.node("Mul", most, drawing.constant(((1 - scale) / 2).reshape(1, 1, 2))),
    )
    back = drawing.node("Transpose", to_box, perm=(0, 2, 1))
    column = drawing.node("Reshape", step, drawing.ints(0, 2, 1))
    return Motion(drawing.node("Mul", column, back), drawing.node("MatMul", corner, back))
