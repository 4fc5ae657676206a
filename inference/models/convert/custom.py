"""How do the attention mesh's three own operators translate?

The mesh finds 468 points, then looks closer at lips and eyes: it lays a turned box around some of
the points, samples its feature map through that box, finds finer points in the box, and carries
them back. Coordinates are pixels of the network's input. A matrix M carries box to picture.

1. `Landmarks2TransformMatrix` lays the box. With u the unit vector from the left to the right
   rotation point and t the wanted angle, c and s are cosine and sine of (t - angle of u).
   The subset is turned by it; the box is its extent times `scale`, its centre turned back.
2. `TransformTensorBilinear` samples at cell centres. Outside the map it answers zero.
3. `TransformLandmarks` carries x and y; the matrix never tilts out of the picture.
"""

import math
from collections.abc import Sequence

import numpy as np

from inference.models.convert.flatbuffer import Operator
from inference.models.convert.layout import Drawing, Layout

_SHORTEST_AXIS_PX = 1e-9  # keeps the unit vector finite when both rotation points coincide


def landmarks_to_transform(drawing: Drawing, operator: Operator) -> None:
    """Draw the matrix (N, 4, 4) of the box around a subset of the points (N, L, 3)."""
    options = operator.custom_options()
    pen = _Pen(drawing)
    points = drawing.read(operator.inputs[0])
    cosine, sine = _turn(
        pen,
        pen.points(points, [options["left_rotation_idx"]]),
        pen.points(points, [options["right_rotation_idx"]]),
        options["target_rotation_radians"],
    )
    subset = pen.points(points, [int(index) for index in options["subset_idxs"]])
    x, y = pen.column(subset, 0), pen.column(subset, 1)
    middle_x, width = _extent(pen, pen.sub(pen.mul(x, cosine), pen.mul(y, sine)))
    middle_y, height = _extent(pen, pen.add(pen.mul(x, sine), pen.mul(y, cosine)))
    centre_x = pen.add(pen.mul(middle_x, cosine), pen.mul(middle_y, sine))
    centre_y = pen.sub(pen.mul(middle_y, cosine), pen.mul(middle_x, sine))

    across, down = options["output_width"], options["output_height"]
    step_x = pen.mul(width, drawing.number(options["scale_x"] / across))
    step_y = pen.mul(height, drawing.number(options["scale_y"] / down))
    row_x = (pen.mul(cosine, step_x), pen.mul(sine, step_y))
    row_y = (drawing.node("Neg", pen.mul(sine, step_x)), pen.mul(cosine, step_y))
    half = (drawing.number(across / 2), drawing.number(down / 2))
    shift_x, shift_y = (
        pen.sub(centre, pen.add(pen.mul(row[0], half[0]), pen.mul(row[1], half[1])))
        for centre, row in ((centre_x, row_x), (centre_y, row_y))
    )
    zero = pen.mul(cosine, drawing.number(0))
    one = pen.add(zero, drawing.number(1))
    carried = (*row_x, zero, shift_x, *row_y, zero, shift_y)
    kept = (zero, zero, one, zero, zero, zero, zero, one)
    flat = drawing.node("Concat", *carried, *kept, axis=1)
    drawing.write(operator.outputs[0], drawing.node("Reshape", flat, drawing.ints(0, 4, 4)))


def transform_bilinear(drawing: Drawing, operator: Operator) -> None:
    """Sample a map (N, h, w, C) through a matrix (N, 4, 4)."""
    options = operator.custom_options()
    height, width = options["output_height"], options["output_width"]
    _, map_height, map_width, channels = drawing.shape(operator.inputs[0])
    pen = _Pen(drawing)
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32) + np.float32(0.5)
    ones = np.ones(height * width, np.float32)
    cells = np.stack([columns.ravel(), rows.ravel(), 0 * ones, ones])  # (4, cells)
    carried = drawing.node("MatMul", drawing.read(operator.inputs[1]), drawing.constant(cells))
    at = pen.sub(pen.cut(carried, axis=1, start=0, end=2), drawing.number(0.5))  # (N, 2, cells)

    limit = np.array([map_width - 1, map_height - 1], np.float32).reshape(1, 2, 1)
    behind = drawing.node("GreaterOrEqual", at, drawing.number(0))
    before = drawing.node("LessOrEqual", at, drawing.constant(limit))
    both = drawing.node("Cast", drawing.node("And", behind, before), to=1)
    is_inside = drawing.node("ReduceMin", both, axes=[1], keepdims=1)  # (N, 1, cells)

    sample = _gathered if drawing.gathers_grid else _grid_sampled
    layout: Layout = "NHWC" if drawing.gathers_grid else "NCHW"
    picture = drawing.read(operator.inputs[0], layout)
    values = sample(pen, picture, (at, is_inside), (channels, map_height, map_width))
    cells_first = (0, height, width, channels)
    shape = cells_first if drawing.gathers_grid else (0, channels, height, width)
    result = drawing.node("Reshape", values, drawing.ints(*shape))
    drawing.write(operator.outputs[0], result, layout)


def transform_landmarks(drawing: Drawing, operator: Operator) -> None:
    """Carry points (N, L, 2) through a matrix (N, 4, 4)."""
    pen = _Pen(drawing)
    points, matrix = (drawing.read(tensor) for tensor in operator.inputs)
    top = pen.cut(matrix, axis=1, start=0, end=2)
    turn = drawing.node("Transpose", pen.cut(top, axis=2, start=0, end=2), perm=(0, 2, 1))
    shift = drawing.node("Transpose", pen.cut(top, axis=2, start=3, end=4), perm=(0, 2, 1))
    result = pen.add(drawing.node("MatMul", points, turn), shift)
    drawing.write(operator.outputs[0], result)


class _Pen:
    """Short names for the nodes that geometry is made of."""

    def __init__(self, drawing: Drawing) -> None:
        self.drawing = drawing

    def add(self, left: str, right: str) -> str:
        return self.drawing.node("Add", left, right)

    def sub(self, left: str, right: str) -> str:
        return self.drawing.node("Sub", left, right)

    def mul(self, left: str, right: str) -> str:
        return self.drawing.node("Mul", left, right)

    def points(self, points: str, ids: Sequence[int]) -> str:
        """(N, L, 3) to (N, ids, 3)."""
        return self.drawing.node("Gather", points, self.drawing.ints(*ids), axis=1)

    def column(self, points: str, column: int) -> str:
        """(N, L, 3) to (N, L)."""
        index = self.drawing.constant(np.int64(column))
        return self.drawing.node("Gather", points, index, axis=2)

    def cut(self, value: str, *, axis: int, start: int, end: int) -> str:
        ints = self.drawing.ints
        return self.drawing.node("Slice", value, ints(start), ints(end), ints(axis))


def _turn(pen: _Pen, left: str, right: str, target_rad: float) -> tuple[str, str]:
    """Cosine and sine (N, 1) of the angle from the line left → right to the target."""
    along = pen.sub(right, left)
    dx, dy = pen.column(along, 0), pen.column(along, 1)
    squared = pen.add(pen.mul(dx, dx), pen.mul(dy, dy))
    length = pen.drawing.node(
        "Max", pen.drawing.node("Sqrt", squared), pen.drawing.number(_SHORTEST_AXIS_PX)
    )
    ux, uy = (pen.drawing.node("Div", part, length) for part in (dx, dy))
    cosine = pen.drawing.number(math.cos(target_rad))
    sine = pen.drawing.number(math.sin(target_rad))
    return (
        pen.add(pen.mul(ux, cosine), pen.mul(uy, sine)),
        pen.sub(pen.mul(ux, sine), pen.mul(uy, cosine)),
    )


def _extent(pen: _Pen, values: str) -> tuple[str, str]:
    """Middle and length (N, 1) of the interval that holds the values (N, L)."""
    most = pen.drawing.node("ReduceMax", values, axes=[1], keepdims=1)
    least = pen.drawing.node("ReduceMin", values, axes=[1], keepdims=1)
    return pen.mul(pen.add(most, least), pen.drawing.number(0.5)), pen.sub(most, least)


def _grid_sampled(
    pen: _Pen, picture: str, where: tuple[str, str], shape: tuple[int, int, int]
) -> str:
    """Values (N, C, cells) of an NCHW map by the operator made for it.

    `where` names positions (N, 2, cells) and whether each lies inside (N, 1, cells).
    """
    channels, height, width = shape
    drawing = pen.drawing
    half = np.array([width - 1, height - 1], np.float32).reshape(1, 2, 1) / 2
    scaled = pen.sub(drawing.node("Div", where[0], drawing.constant(half)), drawing.number(1))
    turned = drawing.node("Transpose", scaled, perm=(0, 2, 1))
    grid = drawing.node("Unsqueeze", turned, drawing.ints(1))  # one row of cells
    values = drawing.node(
        "GridSample", picture, grid, mode="bilinear", padding_mode="border", align_corners=1
    )
    flat = drawing.node("Reshape", values, drawing.ints(0, channels, -1))
    return pen.mul(flat, where[1])


def _gathered(pen: _Pen, picture: str, where: tuple[str, str], shape: tuple[int, int, int]) -> str:
    """Values (N, cells, C) of an NHWC map: four neighbours gathered as whole rows of channels.

    Faster on a CPU than GridSample, and than gathering value by value; CUDA knows it, too.
    """
    channels, height, width = shape
    drawing = pen.drawing
    across, down = (
        _Taps(pen, pen.cut(where[0], axis=1, start=i, end=i + 1), size)
        for i, size in ((0, width), (1, height))
    )
    column, row, weight_x, weight_y = (
        drawing.node("Concat", *four, axis=1)  # (N, 4, cells)
        for four in (
            (across.low, across.high) * 2,
            (down.low, down.low, down.high, down.high),
            (across.low_weight, across.high_weight) * 2,
            (down.low_weight, down.low_weight, down.high_weight, down.high_weight),
        )
    )
    cell = pen.add(pen.mul(row, drawing.number(width)), column)
    index = drawing.node("Reshape", drawing.node("Cast", cell, to=7), drawing.ints(0, -1, 1))
    rows = drawing.node("Reshape", picture, drawing.ints(0, height * width, channels))
    taps = drawing.node("GatherND", rows, index, batch_dims=1)
    taps = drawing.node("Reshape", taps, drawing.ints(0, 4, -1, channels))
    weight = pen.mul(pen.mul(weight_x, weight_y), where[1])
    weighted = pen.mul(taps, drawing.node("Unsqueeze", weight, drawing.ints(3)))
    return drawing.node("ReduceSum", weighted, drawing.ints(1), keepdims=0)


class _Taps:
    """The two neighbours of a position along one axis, and what each of them weighs."""

    def __init__(self, pen: _Pen, at: str, size: int) -> None:
        drawing = pen.drawing
        last = drawing.number(size - 1)
        self.low = drawing.node("Floor", drawing.node("Clip", at, drawing.number(0), last))
        self.high = drawing.node("Min", pen.add(self.low, drawing.number(1)), last)
        self.high_weight = pen.sub(at, self.low)
        self.low_weight = pen.sub(drawing.number(1), self.high_weight)
