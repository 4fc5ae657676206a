"""In which axis order does each value stand? Transposes are written only when somebody asks.

tflite keeps pictures as NHWC, ONNX as NCHW. A rank-4 value is known under either name or both;
reading it in the other order adds one Transpose, once. Otherwise transposes would dominate.
Values of another rank have one order only. The order of a graph's outputs is the contract of
whoever flattens them, so outputs are always read as NHWC.
"""

from typing import Literal

import numpy as np
from rapt.errors import Misconfigured

from inference.models.convert.flatbuffer import TfliteGraph
from inference.models.convert.motion import Motion, matrix_of, motion_in
from inference.models.convert.sheet import Array, Sheet
from inference.models.manifest import Variant

Layout = Literal["NHWC", "NCHW"]
IMAGE_RANK = 4
_PERMUTATIONS = {"NCHW": (0, 3, 1, 2), "NHWC": (0, 2, 3, 1)}


class Drawing(Sheet):
    """The ONNX graph of a tflite file while it is being drawn.

    Args:
        source: the file.
        variant: whom it is drawn for.
    """

    def __init__(self, source: TfliteGraph, variant: Variant) -> None:
        super().__init__()
        self.source = source
        self.is_for_cpu = variant == "cpu"
        """Keep to the operators that run in ONNX Runtime's blocked layout."""
        self.is_for_gpu = variant == "gpu"
        """Keep to what cuDNN does: pad both sides of an axis alike."""
        self.gathers_grid = variant != "plain"
        """Sample by gathers instead of GridSample."""
        self.folded: dict[int, Array] = {}
        self.flat_points: dict[str, str] = {}
        """Points (N, L, 2) by the name of those (N, L, 3) that they are the picture of."""
        self._motions: dict[int, Motion] = {}
        self._first_rows: dict[int, str] = {}
        self._names: dict[tuple[int, Layout], str] = {}
        self._scaled: dict[int, tuple[str, Array]] = {}
        self._parts: dict[int, tuple[str, str | int]] = {}

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

    def read(self, tensor: int, layout: Layout = "NHWC") -> str:
        """Return the name under which the tensor stands in that order."""
        constant = self.value(tensor)
        if constant is not None:
            return self.constant(constant if layout == "NHWC" else channels_first(constant))
        if len(self.shape(tensor)) != IMAGE_RANK:
            layout = "NHWC"
        if tensor in self._motions and (tensor, "NHWC") not in self._names:
            self.write(tensor, matrix_of(self, self._motions[tensor]))
        if tensor in self._scaled and (tensor, "NCHW") not in self._names:
            self.write(tensor, self.per_channel(*self._scaled[tensor]), "NCHW")
        if tensor in self._parts and (tensor, "NCHW") not in self._names:
            self.write(tensor, self._whole(tensor), "NCHW")
        if (tensor, layout) not in self._names:
            other: Layout = "NCHW" if layout == "NHWC" else "NHWC"
            there = self._names[tensor, other]
            self._names[tensor, layout] = self.node("Transpose", there, perm=_PERMUTATIONS[layout])
        return self._names[tensor, layout]

    def write(self, tensor: int, name: str, layout: Layout = "NHWC") -> None:
        """Say under which name, and in which order, the tensor now stands."""
        is_image = len(self.shape(tensor)) == IMAGE_RANK
        self._names[tensor, layout if is_image else "NHWC"] = name

    def read_scaled(self, tensor: int) -> tuple[str, Array]:
        """Return the name of an NCHW picture, and (C,) factors that its channels lack."""
        if tensor in self._scaled:
            return self._scaled[tensor]
        return self.read(tensor, "NCHW"), np.ones(self.shape(tensor)[-1], np.float32)

    def write_scaled(self, tensor: int, name: str, factors: Array) -> None:
        """Say under which name an NCHW picture stands, and (C,) factors that its channels lack.

        A convolution takes them in.
        """
        self._scaled[tensor] = name, factors

    def meet(self, *tensors: int) -> bool:
        """Say whether of two tensors one stands in two parts, and the other's later are zeros."""
        rests = [self._parts[tensor][1] for tensor in tensors if tensor in self._parts]
        return {type(rest) for rest in rests} == {str, int}

    def parts(self, tensor: int) -> tuple[str, str | int]:
        """Return the names of the first and the later channels of an NCHW picture."""
        return self._parts[tensor]

    def write_parts(self, tensor: int, first: str, rest: str | int) -> None:
        """Say under which names the channels of an NCHW picture stand; a number counts zeros."""
        self._parts[tensor] = first, rest

    def joined(self, first: str, rest: str) -> str:
        """Draw the first and the later channels of an NCHW picture behind each other."""
        return self.node("Concat", first, rest, axis=1)

    def per_channel(self, value: str, factors: Array) -> str:
        """Draw one factor a channel of an NCHW picture, as a depthwise convolution."""
        weights = self.constant(factors.reshape(-1, 1, 1, 1).astype(np.float32))
        return self.node("Conv", value, weights, kernel_shape=(1, 1), group=factors.size)

    def _whole(self, tensor: int) -> str:
        """Draw both parts as one; zeros by a convolution, which stays in the blocked layout."""
        first, rest = self._parts[tensor]
        if isinstance(rest, str):
            return self.joined(first, rest)
        channels = self.shape(tensor)[-1]
        kept = np.eye(channels, channels - rest, dtype=np.float32)[:, :, None, None]
        return self.node("Conv", first, self.constant(kept), kernel_shape=(1, 1))

    def motion(self, tensor: int) -> Motion:
        """Return the motion that a matrix (N, 4, 4) stands for."""
        if tensor not in self._motions:
            self._motions[tensor] = motion_in(self, self.read(tensor))
        return self._motions[tensor]

    def keep_motion(self, tensor: int, motion: Motion) -> None:
        """Say what a matrix stands for; the matrix itself is drawn when somebody reads it."""
        self._motions[tensor] = motion

    def first_rows(self, rows: int) -> str:
        """Draw (N, 1, 1) where each picture begins in a list of so many rows a picture."""
        if rows not in self._first_rows:
            first, *_ = self.source.inputs
            shape = self.node("Shape", self.read_scaled(first)[0], start=0, end=1)
            pictures = self.node("Squeeze", shape)
            number = self.constant(np.int64(0)), pictures, self.constant(np.int64(1))
            every = self.node("Reshape", self.node("Range", *number), self.ints(-1, 1, 1))
            self._first_rows[rows] = self.node("Mul", every, self.ints(rows))
        return self._first_rows[rows]

    def cheaper(self, *tensors: int) -> Layout:
        """Return NCHW if every computed one is a picture and any already stands in NCHW."""
        computed = [tensor for tensor in tensors if self.value(tensor) is None]
        if any(len(self.shape(tensor)) != IMAGE_RANK for tensor in computed):
            return "NHWC"
        is_turned = any(
            t in self._scaled or t in self._parts or (t, "NCHW") in self._names for t in computed
        )
        return "NCHW" if is_turned else "NHWC"


def channels_first(constant: Array) -> Array:
    """Turn a constant so that it meets NCHW pictures as it met NHWC ones.

    (N, H, W, C), (H, W, C) and (C,) become (N, C, H, W), (C, H, W) and (C, 1, 1).
    """
    if constant.ndim == 1:
        return constant.reshape(-1, 1, 1)
    return np.moveaxis(constant, -1, -3) if constant.ndim in {3, IMAGE_RANK} else constant
