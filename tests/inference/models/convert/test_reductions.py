"""Means, sums and the arithmetic of normalisation layers."""

import numpy as np
import pytest
from rapt.errors import Misconfigured

from inference.models.convert.converter import convert
from tests.inference.models.convert.test_arithmetic import behind_a_convolution, random
from tests.inference.models.convert.test_shapes import ints
from tests.inference.models.drafts import Draft, assert_same, options

LAST_BIT = 1e-6  # the runtime adds in another order when the batch is larger


def reducing(kind: str, axis: int, *, keeps: bool) -> bytes:
    """Return a file that reduces one axis of (1, 6, 5)."""
    draft = Draft()
    value = draft.tensor(1, 6, 5)
    shape = [1, 6, 5]
    shape[axis : axis + 1 or None] = [1] if keeps else []
    reducer = options("ReducerOptions", keepDims=keeps)
    result = draft.operator(kind, [value, ints(draft, axis)], draft.tensor(*shape), reducer)
    return draft.finish([value], [result])


@pytest.mark.parametrize("kind", ["MEAN", "SUM"])
@pytest.mark.parametrize("keeps", [True, False])
@pytest.mark.parametrize("axis", [1, 2, -1])
def test_an_axis_is_reduced(kind: str, axis: int, *, keeps: bool) -> None:
    """Counted from the front or from the back, kept or dropped."""
    assert_same(reducing(kind, axis, keeps=keeps), random(3, 6, 5), batch_atol=LAST_BIT)


def test_a_picture_is_reduced_along_the_axis_meant() -> None:
    """The file counts axes in NHWC, though the picture stands in NCHW."""
    draft = Draft()
    picture = draft.tensor(1, 4, 5, 3)
    value = behind_a_convolution(draft, picture, 2)
    reducer = options("ReducerOptions", keepDims=True)
    inputs = [value, ints(draft, 1, 2)]
    result = draft.operator("MEAN", inputs, draft.tensor(1, 1, 1, 2), reducer)
    assert_same(draft.finish([picture], [result]), random(3, 4, 5, 3))


def test_a_mean_over_the_batch_is_refused() -> None:
    """It would mix people."""
    with pytest.raises(Misconfigured, match="MEAN over the batch"):
        convert(reducing("MEAN", 0, keeps=True))


def test_values_are_normalised_as_the_interpreter_does() -> None:
    """(x - mean) / sqrt(variance + small): SQUARED_DIFFERENCE, RSQRT and their like."""
    draft = Draft()
    value = draft.tensor(1, 6, 5)
    last, keep = ints(draft, -1), options("ReducerOptions", keepDims=True)
    mean = draft.operator("MEAN", [value, last], draft.tensor(1, 6, 1), keep)
    apart = draft.operator(
        "SQUARED_DIFFERENCE",
        [value, mean],
        draft.tensor(1, 6, 5),
        options("SquaredDifferenceOptions"),
    )
    variance = draft.operator("MEAN", [apart, last], draft.tensor(1, 6, 1), keep)
    small = draft.constant(np.full((1,), 1e-3, np.float32))
    added = draft.operator("ADD", [variance, small], draft.tensor(1, 6, 1), options("AddOptions"))
    scale = draft.operator("RSQRT", [added], draft.tensor(1, 6, 1))
    result = draft.operator("MUL", [value, scale], draft.tensor(1, 6, 5), options("MulOptions"))
    assert_same(draft.finish([value], [result]), random(3, 6, 5), batch_atol=LAST_BIT)


def test_axes_change_places() -> None:
    """TRANSPOSE counts axes as the file does."""
    draft = Draft()
    picture = draft.tensor(1, 4, 5, 3)
    value = behind_a_convolution(draft, picture, 2)
    turned = draft.tensor(1, 2, 4, 5)
    order = [value, ints(draft, 0, 3, 1, 2)]
    result = draft.operator("TRANSPOSE", order, turned, options("TransposeOptions"))
    assert_same(draft.finish([picture], [result]), random(3, 4, 5, 3))


def test_a_batch_that_would_move_is_refused() -> None:
    """Its axis stands in front, always."""
    draft = Draft()
    value = draft.tensor(1, 6, 5)
    turned, order = draft.tensor(6, 1, 5), ints(draft, 1, 0, 2)
    result = draft.operator("TRANSPOSE", [value, order], turned, options("TransposeOptions"))
    with pytest.raises(Misconfigured, match="moves the batch"):
        convert(draft.finish([value], [result]))
