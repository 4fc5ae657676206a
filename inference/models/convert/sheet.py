"""Which nodes and constants has a new ONNX graph so far?

Names are numbered in the order of drawing, so that the same source gives the same bytes.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import helper, numpy_helper

Array = npt.NDArray[Any]  # constants come in several element types

_SMALL_VALUES = 64  # constants up to this size are shared; larger ones are weights, all different


class Sheet:
    """An ONNX graph while it is being drawn."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self._shared: dict[tuple[str, tuple[int, ...], bytes], str] = {}
        self._count = 0

    def constant(self, values: npt.ArrayLike) -> str:
        """Name a constant; equal small ones share a name."""
        array = np.ascontiguousarray(values)
        key = (array.dtype.str, array.shape, array.tobytes())
        if array.size <= _SMALL_VALUES and key in self._shared:
            return self._shared[key]
        name = self._new_name("constant")
        if array.size <= _SMALL_VALUES:
            self._shared[key] = name
        self.constants.append(numpy_helper.from_array(array, name))
        return name

    def ints(self, *values: int) -> str:
        """Name a constant vector of 64-bit integers: axes, starts, shapes."""
        return self.constant(np.array(values, np.int64))

    def number(self, value: float) -> str:
        """Name a constant float32 scalar."""
        return self.constant(np.float32(value))

    def node(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """Draw one node and return the name of its only output."""
        name = self._new_name(kind.lower())
        self.nodes.append(helper.make_node(kind, list(inputs), [name], name=name, **attributes))
        return name

    def cut(self, value: str, *, axis: int, start: int, end: int) -> str:
        """Draw a slice along one axis."""
        return self.node("Slice", value, self.ints(start), self.ints(end), self.ints(axis))

    def _new_name(self, label: str) -> str:
        self._count += 1
        return f"{label}_{self._count}"
