"""How is a map sampled through a matrix? `TransformTensorBilinear` of the attention mesh.

Cell (x, y) of the result looks at M (x + 0.5, y + 0.5) - 0.5 of the map and mixes the four values
around. Trap: outside the map it answers zero, not the border.

GridSample does it in one node, but is slow on CPUs and was not known to every CUDA release. So the
`cpu` and `gpu` variants gather: the four neighbours of each cell as whole rows of channels, with
the weights (1 - |distance|) along each axis.
"""

import numpy as np

from inference.models.convert.flatbuffer import Operator
from inference.models.convert.layout import Drawing

_CORNERS = np.array([[0, 0], [1, 0], [0, 1], [1, 1]], np.float32)  # x, y of the four neighbours
_FLOAT, _INT64 = 1, 7  # of ONNX's types


def transform_bilinear(drawing: Drawing, operator: Operator) -> None:
    """Sample a map (N, h, w, C) through a matrix."""
    options = operator.custom_options()
    rows, columns = options["output_height"], options["output_width"]
    _, height, width, channels = drawing.shape(operator.inputs[0])
    at = _positions(drawing, operator.inputs[1], rows, columns)
    last = drawing.constant(np.array([width - 1, height - 1], np.float32).reshape(1, 2, 1))
    inside = drawing.node("Min", drawing.node("Max", at, drawing.number(0)), last)
    both = drawing.node("Cast", drawing.node("Equal", at, inside), to=_FLOAT)
    is_inside = drawing.node("ReduceMin", both, axes=[1], keepdims=1)  # (N, 1, cells)
    if drawing.gathers_grid:
        picture = drawing.read(operator.inputs[0])
        values = _gathered(drawing, picture, (inside, is_inside), (height, width, channels))
        shape = drawing.ints(0, rows, columns, channels)
        drawing.write(operator.outputs[0], drawing.node("Reshape", values, shape))
    else:
        picture = drawing.read(operator.inputs[0], "NCHW")
        seen = _grid_sampled(drawing, picture, inside, (height, width, channels))
        values = drawing.node("Mul", seen, is_inside)
        shape = drawing.ints(0, channels, rows, columns)
        drawing.write(operator.outputs[0], drawing.node("Reshape", values, shape), "NCHW")


def _positions(drawing: Drawing, matrix: int, rows: int, columns: int) -> str:
    """(N, 2, cells) x and y in pixels of the map, row by row.

    The cells come last, since a CPU adds a number to a long row as quickly as to a pair.
    """
    motion = drawing.motion(matrix)
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float32) + np.float32(0.5)
    cells = np.stack([x.ravel(), y.ravel()])
    turn = drawing.node("Transpose", motion.turn, perm=(0, 2, 1))
    shift = drawing.node("Transpose", motion.shift, perm=(0, 2, 1))
    turned = drawing.node("MatMul", turn, drawing.constant(cells))
    return drawing.node("Add", turned, drawing.node("Sub", shift, drawing.number(0.5)))


def _grid_sampled(drawing: Drawing, picture: str, at: str, shape: tuple[int, int, int]) -> str:
    """Values (N, C, cells) of an NCHW map by the operator made for it."""
    height, width, channels = shape
    half = np.array([width - 1, height - 1], np.float32).reshape(1, 2, 1) / 2
    scaled = drawing.node("Div", at, drawing.constant(half))
    centred = drawing.node("Sub", scaled, drawing.number(1))
    turned = drawing.node("Transpose", centred, perm=(0, 2, 1))
    grid = drawing.node("Unsqueeze", turned, drawing.ints(1))  # one row of cells
    values = drawing.node(
        "GridSample", picture, grid, mode="bilinear", padding_mode="border", align_corners=1
    )
    return drawing.node("Reshape", values, drawing.ints(0, channels, -1))


def _gathered(
    drawing: Drawing, picture: str, where: tuple[str, str], shape: tuple[int, int, int]
) -> str:
    """Values (N, cells, C) of an NHWC map.

    `where` names positions (N, 2, cells) within the map, and which of them count (N, 1, cells).
    The lower neighbour is never the last one, so that the upper one is always there.
    """
    height, width, channels = shape
    at, counts = where
    highest = np.array([width - 2, height - 2], np.float32).reshape(1, 2, 1)
    low = drawing.node("Min", drawing.node("Floor", at), drawing.constant(highest))
    rest = drawing.node("Sub", at, low)
    weight_x, weight_y = (_nearness(drawing, rest, axis) for axis in (0, 1))
    weight = drawing.node("Mul", drawing.node("Mul", weight_x, weight_y), counts)

    stride = np.array([[1, width]], np.float32)
    first = drawing.node("MatMul", drawing.constant(stride), low)  # (N, 1, cells)
    steps = drawing.constant((_CORNERS @ stride.T).reshape(1, 4, 1))
    cells = drawing.node("Cast", drawing.node("Add", first, steps), to=_INT64)  # (N, 4, cells)
    taps = _rows(drawing, picture, cells, (height * width, channels))
    taps = drawing.node("Reshape", taps, drawing.ints(0, 4, -1, channels))
    weighted = drawing.node("Mul", taps, drawing.node("Unsqueeze", weight, drawing.ints(3)))
    return drawing.node("ReduceSum", weighted, drawing.ints(1), keepdims=0)


def _rows(drawing: Drawing, picture: str, cells: str, shape: tuple[int, int]) -> str:
    """Channels of an NHWC map at cells (N, 4, K) of its own picture.

    On a CPU all pictures are one list of rows, which Gather copies from four times as quickly as
    GatherND. A GPU would need the batch's size on the host for that.
    """
    size, channels = shape
    if not drawing.is_for_cpu:
        index = drawing.node("Reshape", cells, drawing.ints(0, -1, 1))
        rows = drawing.node("Reshape", picture, drawing.ints(0, size, channels))
        return drawing.node("GatherND", rows, index, batch_dims=1)
    index = drawing.node("Add", cells, drawing.first_rows(size))
    rows = drawing.node("Reshape", picture, drawing.ints(-1, channels))
    return drawing.node("Gather", rows, index, axis=0)


def _nearness(drawing: Drawing, rest: str, axis: int) -> str:
    """(N, 4, cells) 1 - distance to each corner along an axis: |opposite corner - rest|."""
    along = drawing.cut(rest, axis=1, start=axis, end=axis + 1)
    opposite = drawing.constant((1 - _CORNERS[:, axis]).reshape(1, 4, 1))
    return drawing.node("Abs", drawing.node("Sub", opposite, along))
