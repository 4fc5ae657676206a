"""What the attention mesh should answer, from the tflite interpreter and textbook geometry.

The interpreter lacks the mesh's three own operators. So the file is cut at them: each stretch of
built-in operators becomes a tflite file of its own and runs in the interpreter; each own operator
is computed here in float64, written from its meaning (angles, rotation matrices, one cell after
the other) and not from the converter's formulas.
"""

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from ai_edge_litert import schema_py_generated as schema  # type: ignore[import-untyped]  # bare

from inference.models.convert.flatbuffer import Operator, TfliteGraph, read_graph
from tests.inference.models.drafts import F32, Reference, packed

F64 = npt.NDArray[np.float64]


def box_matrix(points: F64, options: Mapping[str, Any]) -> F64:
    """Return the (4, 4) matrix from cells of the box around some of the points (L, 3)."""
    left, right = (points[options[f"{side}_rotation_idx"], :2] for side in ("left", "right"))
    along = right - left
    turn = options["target_rotation_radians"] - np.arctan2(along[1], along[0])
    turned = points[list(options["subset_idxs"]), :2] @ _rotation(turn)[:2, :2].T
    low, high = turned.min(axis=0), turned.max(axis=0)
    centre = _rotation(-turn)[:2, :2] @ ((low + high) / 2)
    cells = np.array([options["output_width"], options["output_height"]])
    steps = (high - low) * [options["scale_x"], options["scale_y"]] / cells
    scaling = np.diag([*steps, 1.0, 1.0])
    matrix: F64 = _shift(centre) @ _rotation(-turn) @ scaling @ _shift(-cells / 2)
    matrix[2] = [0, 0, 1, 0]
    return matrix


def sampled(picture: F64, matrix: F64, options: Mapping[str, Any]) -> F64:
    """Return (rows, columns, C): the picture (h, w, C) seen through the box."""
    height, width, channels = picture.shape
    result = np.zeros((options["output_height"], options["output_width"], channels))
    for row, column in np.ndindex(result.shape[:2]):
        x, y = (matrix @ [column + 0.5, row + 0.5, 0, 1])[:2] - 0.5
        if 0 <= x <= width - 1 and 0 <= y <= height - 1:
            result[row, column] = _bilinear(picture, x, y)
    return result


def carried(points: F64, matrix: F64) -> F64:
    """Return points (L, 2) carried through the matrix."""
    moved: F64 = points @ matrix[:2, :2].T + matrix[:2, 3]
    return moved


class AttentionReference:
    """Runs a file with custom operators, one example at a time."""

    def __init__(self, data: bytes) -> None:
        self._graph = read_graph(data)
        self._steps: list[_Stretch | Operator] = []
        for stretch in _stretches(self._graph.operators):
            first = self._graph.operators[stretch[0]]
            is_custom = first.is_custom
            self._steps.append(first if is_custom else _Stretch(data, self._graph, stretch))

    def run(self, value: F32) -> list[F32]:
        """Answer one example, in the order of the file's outputs."""
        values = {self._graph.inputs[0]: value}
        for step in self._steps:
            if isinstance(step, _Stretch):
                step.run(values)
            else:
                inputs = [values[tensor][0].astype(np.float64) for tensor in step.inputs]
                result = _OWN[step.kind](*inputs, **_keywords(step))
                values[step.outputs[0]] = result[None].astype(np.float32)
        return [values[tensor] for tensor in self._graph.outputs]


_OWN: Mapping[str, Callable[..., F64]] = {
    "Landmarks2TransformMatrix": box_matrix,
    "TransformTensorBilinear": sampled,
    "TransformLandmarks": carried,
}


class _Stretch:
    """Built-in operators that follow each other, as one tflite file in the interpreter."""

    def __init__(self, data: bytes, graph: TfliteGraph, numbers: Sequence[int]) -> None:
        inside = set(numbers)
        made = {tensor for n in numbers for tensor in graph.operators[n].outputs}
        later = {t for n, op in enumerate(graph.operators) if n not in inside for t in op.inputs}
        widened = {
            op.outputs[0]: n for n, op in enumerate(graph.operators) if op.kind == "DEQUANTIZE"
        }
        needed = {t for n in numbers for t in graph.operators[n].inputs}
        constants = {n for t, n in widened.items() if t in needed}
        self._outputs = sorted(made & (later | set(graph.outputs)))
        self._inputs = sorted(
            t for t in needed - made - set(widened) if graph.tensors[t].constant is None
        )
        model = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(data, 0))
        subgraph = copy.copy(model.subgraphs[0])
        subgraph.operators = [subgraph.operators[n] for n in sorted(inside | constants)]
        subgraph.inputs = np.array(self._inputs, np.int32)
        subgraph.outputs = np.array(self._outputs, np.int32)
        model.subgraphs, model.signatureDefs = [subgraph], []
        self._reference = Reference(packed(model))

    def run(self, values: dict[int, F32]) -> None:
        """Add what this stretch computes to the known values."""
        results = self._reference.run(*(values[tensor] for tensor in self._inputs))
        values.update(zip(self._outputs, results, strict=True))


def _stretches(operators: Sequence[Operator]) -> list[list[int]]:
    """Cut the sequence so that each custom operator stands alone; constants are left out."""
    stretches: list[list[int]] = [[]]
    for number, operator in enumerate(operators):
        if operator.kind == "DEQUANTIZE":
            continue
        if operator.is_custom:
            stretches += [[number], []]
        else:
            stretches[-1].append(number)
    return [stretch for stretch in stretches if stretch]


def _keywords(operator: Operator) -> dict[str, Any]:
    options = operator.custom_options()
    return {"options": options} if options else {}


def _rotation(angle: float) -> F64:
    cosine, sine = np.cos(angle), np.sin(angle)
    matrix = np.eye(4)
    matrix[:2, :2] = [[cosine, -sine], [sine, cosine]]
    return matrix


def _shift(by: F64) -> F64:
    matrix = np.eye(4)
    matrix[:2, 3] = by
    return matrix


def _bilinear(picture: F64, x: float, y: float) -> F64:
    height, width, _ = picture.shape
    left, top = int(np.floor(x)), int(np.floor(y))
    right, bottom = min(left + 1, width - 1), min(top + 1, height - 1)
    upper = picture[top, left] * (left + 1 - x) + picture[top, right] * (x - left)
    lower = picture[bottom, left] * (left + 1 - x) + picture[bottom, right] * (x - left)
    value: F64 = upper * (top + 1 - y) + lower * (y - top)
    return value
