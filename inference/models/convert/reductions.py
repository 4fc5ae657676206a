"""How do means and sums over axes translate?

Trap: in opset 17 ReduceMean takes its axes as an attribute, ReduceSum as an input.
"""

import tflite  # type: ignore[import-untyped]  # generated schema without annotations
from rapt.errors import Misconfigured

from inference.models.convert.flatbuffer import Operator
from inference.models.convert.layout import Drawing


def mean(drawing: Drawing, operator: Operator) -> None:
    """MEAN."""
    axes, keeps = _over(drawing, operator)
    value = drawing.read(operator.inputs[0])
    drawing.write(operator.outputs[0], drawing.node("ReduceMean", value, axes=axes, keepdims=keeps))


def total(drawing: Drawing, operator: Operator) -> None:
    """SUM."""
    axes, keeps = _over(drawing, operator)
    value = drawing.read(operator.inputs[0])
    drawn = drawing.node("ReduceSum", value, drawing.ints(*axes), keepdims=keeps)
    drawing.write(operator.outputs[0], drawn)


def _over(drawing: Drawing, operator: Operator) -> tuple[list[int], int]:
    """Axes, counted from the front, and whether they stay with size 1."""
    rank = len(drawing.shape(operator.inputs[0]))
    axes = [int(axis) % rank for axis in drawing.known(operator.inputs[1]).ravel()]
    if 0 in axes:
        raise Misconfigured(f"the converter knows no {operator.kind} over the batch")
    return axes, int(operator.options(tflite.ReducerOptions).KeepDims())
