"""How do operators that only move values translate, so that the batch keeps its axis?

tflite files are written for a batch of one. Traps:
1. A RESHAPE to (1, ...) means "keep the batch": its first axis becomes 0 ("as it was"). One that
   squeezes the batch away gets it back as -1 ("whatever is left").
2. A STRIDED_SLICE over the batch axis ends at 1 in the file and must end nowhere.
   The batch axis is never squeezed.
3. The axes of PAD and CONCATENATION follow the order in which the picture stands.
4. A constant joined to computed values has a batch of one and must be repeated.
"""

import numpy as np
import numpy.typing as npt
import tflite  # type: ignore[import-untyped]  # generated schema without annotations
from rapt.errors import Misconfigured

from inference.models.convert.activation import activated
from inference.models.convert.flatbuffer import Operator
from inference.models.convert.layout import Drawing
from inference.models.convert.parts import added_channels

_NO_END = np.iinfo(np.int64).max
_NCHW_AXES = [0, 3, 1, 2]  # which NHWC axis stands at each NCHW place


def pad(drawing: Drawing, operator: Operator) -> None:
    """PAD: pairs (before, behind) per NHWC axis; detectors pad channels, too."""
    pairs = drawing.known(operator.inputs[1]).astype(np.int64)
    layout = drawing.cheaper(operator.inputs[0])
    value = drawing.read(operator.inputs[0], layout)
    added = added_channels(drawing.source, operator)
    if drawing.is_for_cpu and layout == "NCHW" and added:
        drawing.write_parts(operator.outputs[0], value, added)
        return
    pairs = pairs[_NCHW_AXES] if layout == "NCHW" else pairs
    drawn = drawing.node("Pad", value, drawing.ints(*pairs.T.ravel().tolist()))
    drawing.write(operator.outputs[0], drawn, layout)


def reshape(drawing: Drawing, operator: Operator) -> None:
    """RESHAPE: the order of the flattened values is that of NHWC."""
    target = drawing.shape(operator.outputs[0])
    keeps_batch = bool(target) and target[0] == 1
    shape = (0, *target[1:]) if keeps_batch else (-1, *target)
    drawn = drawing.node("Reshape", drawing.read(operator.inputs[0]), drawing.ints(*shape))
    drawing.write(operator.outputs[0], drawn)


def concatenation(drawing: Drawing, operator: Operator) -> None:
    """CONCATENATION along one axis."""
    options = operator.options(tflite.ConcatenationOptions)
    axis = options.Axis() % len(drawing.shape(operator.outputs[0]))
    computed = [tensor for tensor in operator.inputs if drawing.value(tensor) is None]
    layout = drawing.cheaper(*operator.inputs) if len(computed) == len(operator.inputs) else "NHWC"
    parts = [
        drawing.read(tensor, layout)
        if tensor in computed
        else _repeated(drawing, tensor, drawing.read(computed[0]))
        for tensor in operator.inputs
    ]
    place = _NCHW_AXES.index(axis) if layout == "NCHW" else axis
    drawn = drawing.node("Concat", *parts, axis=place)
    result = activated(drawing, drawn, options.FusedActivationFunction())
    drawing.write(operator.outputs[0], result, layout)


def strided_slice(drawing: Drawing, operator: Operator) -> None:
    """STRIDED_SLICE with begin, end and shrink masks; the batch is always taken whole.

    Raises:
        Misconfigured: it cuts the batch, or has an ellipsis or a new axis.
    """
    options = operator.options(tflite.StridedSliceOptions)
    begin, end, step = (drawing.known(t).astype(np.int64).copy() for t in operator.inputs[1:4])
    begin_mask, end_mask, shrunk = (
        _bits(mask, len(begin))
        for mask in (options.BeginMask(), options.EndMask(), options.ShrinkAxisMask())
    )
    begin[begin_mask] = np.where(step[begin_mask] > 0, 0, _NO_END)
    end[end_mask] = np.where(step[end_mask] > 0, _NO_END, -_NO_END)
    end[shrunk] = np.where(begin[shrunk] == -1, _NO_END, begin[shrunk] + 1)
    cuts_batch = begin[0] != 0 or step[0] != 1
    if cuts_batch or options.EllipsisMask() or options.NewAxisMask():
        raise Misconfigured("the converter knows no STRIDED_SLICE that cuts the batch or adds axes")
    end[0] = _NO_END
    bounds = (begin, end, np.arange(len(begin)), step)
    value = drawing.read(operator.inputs[0])
    drawn = drawing.node("Slice", value, *(drawing.ints(*bound.tolist()) for bound in bounds))
    squeezed = [int(axis) for axis in np.flatnonzero(shrunk) if axis != 0]
    if squeezed:
        drawn = drawing.node("Squeeze", drawn, drawing.ints(*squeezed))
    drawing.write(operator.outputs[0], drawn)


def transpose(drawing: Drawing, operator: Operator) -> None:
    """TRANSPOSE of the axes as the file numbers them.

    Raises:
        Misconfigured: the batch would not stay in front.
    """
    order = [int(axis) for axis in drawing.known(operator.inputs[1])]
    if order[0] != 0:
        raise Misconfigured("the converter knows no TRANSPOSE that moves the batch")
    drawn = drawing.node("Transpose", drawing.read(operator.inputs[0]), perm=order)
    drawing.write(operator.outputs[0], drawn)


def resize_bilinear(drawing: Drawing, operator: Operator) -> None:
    """RESIZE_BILINEAR: by factors, not sizes, because a size would fix the batch, too."""
    options = operator.options(tflite.ResizeBilinearOptions)
    height, width = (int(size) for size in drawing.known(operator.inputs[1]))
    _, old_height, old_width, _ = drawing.shape(operator.inputs[0])
    mode = "half_pixel" if options.HalfPixelCenters() else "asymmetric"
    factors = np.array([1, 1, height / old_height, width / old_width], np.float32)
    drawn = drawing.node(
        "Resize",
        drawing.read(operator.inputs[0], "NCHW"),
        "",
        drawing.constant(factors),
        mode="linear",
        coordinate_transformation_mode="align_corners" if options.AlignCorners() else mode,
    )
    drawing.write(operator.outputs[0], drawn, "NCHW")


def depth_to_space(drawing: Drawing, operator: Operator) -> None:
    """DEPTH_TO_SPACE: channels are cut as (block row, block column, depth)."""
    size = operator.options(tflite.DepthToSpaceOptions).BlockSize()
    value = drawing.read(operator.inputs[0], "NCHW")
    drawn = drawing.node("DepthToSpace", value, blocksize=size, mode="DCR")
    drawing.write(operator.outputs[0], drawn, "NCHW")


def _repeated(drawing: Drawing, constant: int, computed: str) -> str:
    batch = drawing.node("Slice", drawing.node("Shape", computed), drawing.ints(0), drawing.ints(1))
    rest = drawing.ints(*drawing.shape(constant)[1:])
    shape = drawing.node("Concat", batch, rest, axis=0)
    return drawing.node("Expand", drawing.read(constant), shape)


def _bits(mask: int, count: int) -> npt.NDArray[np.bool_]:
    return (mask >> np.arange(count) & 1).astype(np.bool_)
