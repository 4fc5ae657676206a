"""Operators that only move values, with batches of more than one."""

import numpy as np
import pytest
from rapt.errors import Misconfigured

from inference.models.convert.converter import convert
from tests.inference.models.convert.test_arithmetic import behind_a_convolution, random
from tests.inference.models.drafts import Draft, assert_same, options


def ints(draft: Draft, *values: int) -> int:
    """Add a constant vector."""
    return draft.constant(np.array(values, np.int32))


def test_channels_are_padded_where_they_stand() -> None:
    """A detector pads channels of a picture that stands in NCHW."""
    draft = Draft()
    picture = draft.tensor(1, 4, 5, 3)
    value = behind_a_convolution(draft, picture, 2)
    pairs = draft.constant(np.array([[0, 0], [1, 0], [0, 2], [0, 3]], np.int32))
    result = draft.operator("PAD", [value, pairs], draft.tensor(1, 5, 7, 5), options("PadOptions"))
    assert_same(draft.finish([picture], [result]), random(2, 4, 5, 3))


@pytest.mark.parametrize("target", [(1, 40), (1, 20, 2), (1, 1, 1, 40)])
def test_a_reshape_keeps_the_batch(target: tuple[int, ...]) -> None:
    """Values of a picture flatten in NHWC order, and each example keeps its own."""
    draft = Draft()
    picture = draft.tensor(1, 4, 5, 3)
    value = behind_a_convolution(draft, picture, 2)
    result = draft.tensor(*target)
    shape = ints(draft, *target)
    draft.operator("RESHAPE", [value, shape], result, options("ReshapeOptions"))
    assert_same(draft.finish([picture], [result]), random(3, 4, 5, 3))


def test_a_batch_that_was_squeezed_away_comes_back() -> None:
    """A graph that ends in (40,) answers (N, 40)."""
    draft = Draft()
    value = draft.tensor(1, 8, 5)
    result = draft.tensor(40)
    draft.operator("RESHAPE", [value, ints(draft, 40)], result, options("ReshapeOptions"))
    assert_same(draft.finish([value], [result]), random(3, 8, 5))


@pytest.mark.parametrize("axis", [1, 3, -1])
def test_pictures_are_joined_along_the_axis_meant(axis: int) -> None:
    """The axis follows the order in which the pictures stand."""
    draft = Draft()
    picture = draft.tensor(1, 4, 5, 3)
    parts = [behind_a_convolution(draft, picture, 2) for _ in range(2)]
    shape = (1, 8, 5, 2) if axis == 1 else (1, 4, 5, 4)
    joined = options("ConcatenationOptions", axis=axis)
    result = draft.operator("CONCATENATION", parts, draft.tensor(*shape), joined)
    assert_same(draft.finish([picture], [result]), random(2, 4, 5, 3))


def test_a_joined_constant_is_repeated_for_each_example() -> None:
    """A constant of batch one joins a batch of N."""
    draft = Draft()
    value = draft.tensor(1, 2, 3)
    token = draft.constant(random(1, 1, 3))
    joined = options("ConcatenationOptions", axis=1)
    result = draft.operator("CONCATENATION", [token, value], draft.tensor(1, 3, 3), joined)
    assert_same(draft.finish([value], [result]), random(3, 2, 3))


def slicing(  # one keyword for each mask
    begin: list[int], end: list[int], shape: tuple[int, ...], **masks: int
) -> bytes:
    """Return a file that slices (1, 6, 5) with steps of one."""
    draft = Draft()
    value = draft.tensor(1, 6, 5)
    bounds = [ints(draft, *begin), ints(draft, *end), ints(draft, *[1] * len(begin))]
    cut = options("StridedSliceOptions", **masks)
    result = draft.operator("STRIDED_SLICE", [value, *bounds], draft.tensor(*shape), cut)
    return draft.finish([value], [result])


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(slicing([0, 1, 2], [1, 4, 5], (1, 3, 3)), id="plain"),
        pytest.param(slicing([0, 3, 3], [1, 4, 5], (1, 4, 2), beginMask=2), id="begin"),
        pytest.param(slicing([0, 2, 1], [0, 0, 3], (1, 4, 2), endMask=3), id="end"),
        pytest.param(slicing([0, 2, 1], [1, 3, 3], (1, 2), shrinkAxisMask=2), id="shrink"),
        pytest.param(slicing([0, -1, 1], [1, 0, 3], (1, 2), shrinkAxisMask=2), id="shrink last"),
        pytest.param(slicing([0, 1], [1, 3], (1, 2, 5)), id="fewer axes"),
    ],
)
def test_slices_take_the_whole_batch(data: bytes) -> None:
    """The end of the batch axis stands as 1 in the file and means all of it."""
    assert_same(data, random(3, 6, 5))


@pytest.mark.parametrize("begin", [[1, 0, 0]])
def test_a_slice_that_cuts_the_batch_is_refused(begin: list[int]) -> None:
    """Nobody can say what it would mean for N examples."""
    with pytest.raises(Misconfigured, match="cuts the batch"):
        convert(slicing(begin, [2, 6, 5], (1, 6, 5)))


@pytest.mark.parametrize("corners", [(True, False), (False, True), (False, False)])
@pytest.mark.parametrize("size", [(8, 10), (7, 11)])
def test_pictures_are_resized_like_the_interpreter_does(
    corners: tuple[bool, bool], size: tuple[int, int]
) -> None:
    """Corners aligned, half pixel centres, or neither."""
    draft = Draft()
    picture = draft.tensor(1, 4, 5, 3)
    result = draft.tensor(1, *size, 3)
    resize = options("ResizeBilinearOptions", alignCorners=corners[0], halfPixelCenters=corners[1])
    draft.operator("RESIZE_BILINEAR", [picture, ints(draft, *size)], result, resize)
    assert_same(draft.finish([picture], [result]), random(2, 4, 5, 3))


def test_depth_becomes_space_in_the_order_meant() -> None:
    """Channels are cut as block row, block column, depth."""
    draft = Draft()
    picture = draft.tensor(1, 3, 4, 8)
    blocks = options("DepthToSpaceOptions", blockSize=2)
    result = draft.operator("DEPTH_TO_SPACE", [picture], draft.tensor(1, 6, 8, 2), blocks)
    assert_same(draft.finish([picture], [result]), random(2, 3, 4, 8))
