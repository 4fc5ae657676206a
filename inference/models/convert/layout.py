"""In which axis order does each value stand? Transposes are written only when somebody asks.

tflite keeps pictures as NHWC, ONNX as NCHW. A rank-4 value is known under either name or both;
reading it in the other order adds one Transpose, once. Otherwise transposes would dominate.
Values of another rank have one order only. The order of a graph's outputs is the contract of
whoever flattens them, so outputs are always read as NHWC.
"""

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import onnx
from onnx import helper, numpy_helper
from rapt.errors import Misconfigured

from inference.models.convert.flatbuffer import Array, TfliteGraph

Layout = Literal["NHWC", "NCHW"]
IMAGE_RANK = 4
_SMALL_VALUES = 64  # constants up to this size are shared; larger ones are weights, all different
_PERMUTATIONS = {"NCHW": (0, 3, 1, 2), "NHWC": (0, 2, 3, 1)}


@dataclass(slots=True)
class Drawing:
    """The ONNX graph while it is being drawn."""

    source: TfliteGraph
    rewrites_prelu: bool
    gathers_grid: bool
    nodes: list[onnx.NodeProto] = field(default_factory=list)
    constants: list[onnx.TensorProto] = field(default_factory=list)
    folded: dict[int, Array] = field(default_factory=dict)
    _names: dict[tuple[int, Layout], str] = field(default_factory=dict)
    _shared: dict[tuple[str, tuple[int, ...], bytes], str] = field(default_factory=dict)
    _count: int = 0

    def shape(self, tensor: int) -> tuple[int, ...]:
        """Return the shape in the source file, in NHWC order."""
        return self.source.tensors[tensor].shape

    def value(self, tensor: int) -> Array | None:
        """Return a constant's value, or None for a value that is computed at run time."""
        constant = self.source.tensors[tensor].constant
        return self.folded.get(tensor) if constant is None else constant

    def known(self, tensor: int) -> Array:
        """Return the value of a tensor that must be constant.

        Raises:
            Misconfigured: it is computed at run time.
        """
        value = self.value(tensor)
        if value is None:
            name = self.source.tensors[tensor].name
            raise Misconfigured(f"the converter needs a constant for {name}")
        return value

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

    def read(self, tensor: int, layout: Layout = "NHWC") -> str:
        """Return the name under which the tensor stands in that order."""
        constant = self.value(tensor)
        if constant is not None:
            return self.constant(constant if layout == "NHWC" else channels_first(constant))
        if len(self.shape(tensor)) != IMAGE_RANK:
            layout = "NHWC"
        if (tensor, layout) not in self._names:
            other: Layout = "NCHW" if layout == "NHWC" else "NHWC"
            there = self._names[tensor, other]
            self._names[tensor, layout] = self.node("Transpose", there, perm=_PERMUTATIONS[layout])
        return self._names[tensor, layout]

    def write(self, tensor: int, name: str, layout: Layout = "NHWC") -> None:
        """Say under which name, and in which order, the tensor now stands."""
        is_image = len(self.shape(tensor)) == IMAGE_RANK
        self._names[tensor, layout if is_image else "NHWC"] = name

    def cheaper(self, *tensors: int) -> Layout:
        """Return NCHW if every computed one is a picture and any already stands in NCHW."""
        computed = [tensor for tensor in tensors if self.value(tensor) is None]
        if any(len(self.shape(tensor)) != IMAGE_RANK for tensor in computed):
            return "NHWC"
        return "NCHW" if any((t, "NCHW") in self._names for t in computed) else "NHWC"

    def _new_name(self, label: str) -> str:
        self._count += 1
        return f"{label}_{self._count}"


def channels_first(constant: Array) -> Array:
    """Turn a constant so that it meets NCHW pictures as it met NHWC ones.

    (N, H, W, C), (H, W, C) and (C,) become (N, C, H, W), (C, H, W) and (C, 1, 1).
    """
    if constant.ndim == 1:
        return constant.reshape(-1, 1, 1)
    return np.moveaxis(constant, -1, -3) if constant.ndim in {3, IMAGE_RANK} else constant
