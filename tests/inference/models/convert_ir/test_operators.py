"""Each layer against numpy, with a batch that the file does not know of."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pytest
from rapt.errors import Misconfigured

from inference.models.convert_ir.converter import convert_ir
from tests.inference.models.convert_ir.irs import Ir
from tests.inference.models.drafts import F32, run_onnx

RANDOM = np.random.default_rng(5)
PLAIN = {"strides": "1, 1", "dilations": "1, 1", "pads_begin": "0, 0", "pads_end": "0, 0"}


def random(*shape: int) -> F32:
    """Return values around zero."""
    return RANDOM.standard_normal(shape).astype(np.float32)


def answered(ir: Ir, result: int, value: F32) -> F32:
    """Convert an IR of one input and run it on a batch."""
    return run_onnx(convert_ir(*ir.finish(result)), value)[0]


def sum_of_windows(picture: F32, weights: F32, stride: int) -> F32:
    """Convolve (N, C, H, W) with (out, C, h, w), window by window."""
    high, wide = weights.shape[2:]
    rows = range(0, picture.shape[2] - high + 1, stride)
    columns = range(0, picture.shape[3] - wide + 1, stride)
    windows = [
        np.einsum("nchw,ochw->no", picture[:, :, r : r + high, c : c + wide], weights)
        for r in rows
        for c in columns
    ]
    flat = np.stack(windows, axis=-1)
    return flat.reshape(*flat.shape[:2], len(rows), len(columns))


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_a_convolution_reads_narrow_weights(dtype: type) -> None:
    """Float16 stands behind a Convert and is widened exactly; padding differs on each side."""
    ir, value = Ir(), random(4, 3, 6, 7)
    weights: npt.NDArray[np.floating] = random(5, 3, 2, 2).astype(dtype)
    picture = ir.parameter("picture", 1, 3, 6, 7)
    wide = ir.layer("Convert", [ir.constant(weights)], weights.shape, destination_type="f32")
    settings = PLAIN | {"strides": "2, 2", "pads_begin": "1, 0", "pads_end": "0, 2"}
    result = ir.layer("Convolution", [picture, wide], (1, 5, 3, 4), **settings)
    padded = np.pad(value, ((0, 0), (0, 0), (1, 0), (0, 2)))
    expected = sum_of_windows(padded, weights.astype(np.float32), 2)
    np.testing.assert_allclose(answered(ir, result, value), expected, atol=1e-5)


def test_groups_see_only_their_channels() -> None:
    """Weights (groups, out, in, h, w): each group of inputs makes its own outputs."""
    ir, weights, value = Ir(), random(2, 3, 2, 1, 1), random(3, 4, 2, 2)
    picture = ir.parameter("picture", 1, 4, 2, 2)
    result = ir.layer(
        "GroupConvolution", [picture, ir.constant(weights)], (1, 6, 2, 2), auto_pad="valid", **PLAIN
    )
    halves = [sum_of_windows(value[:, 2 * g : 2 * g + 2], weights[g], 1) for g in range(2)]
    expected = np.concatenate(halves, axis=1)
    np.testing.assert_allclose(answered(ir, result, value), expected, atol=1e-5)


@pytest.mark.parametrize(("rounding", "size"), [("floor", 2), ("ceil", 3)])
def test_a_pool_rounds_as_it_is_told(rounding: str, size: int) -> None:
    """With `ceil` the last window hangs over the edge."""
    ir, value = Ir(), random(3, 1, 5, 5)
    picture = ir.parameter("picture", 1, 1, 5, 5)
    settings = PLAIN | {"strides": "2, 2", "kernel": "2, 2", "rounding_type": rounding}
    result = ir.layer("MaxPool", [picture], (1, 1, size, size), **settings)
    windows = [
        value[:, :, 2 * r : 2 * r + 2, 2 * c : 2 * c + 2].max((2, 3))
        for r in range(size)
        for c in range(size)
    ]
    expected = np.stack(windows, axis=-1).reshape(3, 1, size, size)
    np.testing.assert_array_equal(answered(ir, result, value), expected)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("Add", np.add), ("Subtract", np.subtract), ("Multiply", np.multiply), ("Divide", np.divide)],
)
def test_two_values_meet(kind: str, expected: np.ufunc) -> None:
    """A computed one and a constant; sizes of 1 are stretched."""
    ir, constant, value = Ir(), random(1, 3, 1, 1) + 3, random(2, 3, 4, 4)
    result = ir.layer(kind, [ir.parameter("x", 1, 3, 4, 4), ir.constant(constant)], (1, 3, 4, 4))
    np.testing.assert_allclose(answered(ir, result, value), expected(value, constant), rtol=1e-6)


def test_what_hangs_on_constants_is_folded() -> None:
    """The graph holds one addition, not two."""
    ir, first, second = Ir(), random(1, 3), random(1, 3)
    known = ir.layer("Add", [ir.constant(first), ir.constant(second)], (1, 3))
    result = ir.layer("Add", [ir.parameter("x", 1, 3), known], (1, 3))
    value = random(5, 3)
    expected = value + (first + second)
    np.testing.assert_allclose(answered(ir, result, value), expected, rtol=1e-6)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("ReLU", lambda x: np.maximum(x, 0)),
        ("Sigmoid", lambda x: 1 / (1 + np.exp(-x))),
        ("Exp", np.exp),
    ],
)
def test_one_value_is_bent(kind: str, expected: np.ufunc) -> None:
    """Value by value."""
    ir, value = Ir(), random(4, 6)
    result = ir.layer(kind, [ir.parameter("x", 1, 6)], (1, 6))
    np.testing.assert_allclose(answered(ir, result, value), expected(value), rtol=1e-5)


@pytest.mark.parametrize("shape", [(1, 3), (1, 3, 2, 2)])
def test_prelu_has_a_slope_per_channel(shape: tuple[int, ...]) -> None:
    """Axis 1 is the channel at any rank."""
    ir, slopes, value = Ir(), np.array([0.1, 0.5, 2], np.float32), random(4, *shape[1:])
    result = ir.layer("PReLU", [ir.parameter("x", *shape), ir.constant(slopes)], shape)
    slope = slopes.reshape(-1, *[1] * (len(shape) - 2))
    expected = np.where(value > 0, value, slope * value)
    np.testing.assert_allclose(answered(ir, result, value), expected, rtol=1e-6)


def test_shapes_change_and_the_batch_stays() -> None:
    """Reshape, Unsqueeze, Squeeze and Concat write a batch of 1 that means any."""
    ir, value = Ir(), random(4, 2, 3)
    flat = ir.layer("Reshape", [ir.parameter("x", 1, 2, 3), ir.ints(1, 6)], (1, 6))
    high = ir.layer("Unsqueeze", [flat, ir.ints(2)], (1, 6, 1))
    both = ir.layer("Concat", [high, high], (1, 6, 2), axis="2")
    taller = ir.layer("Unsqueeze", [both, ir.ints(1)], (1, 1, 6, 2))
    result = ir.layer("Squeeze", [taller, ir.ints(1)], (1, 6, 2))
    expected = np.repeat(value.reshape(4, 6, 1), 2, axis=2)
    np.testing.assert_array_equal(answered(ir, result, value), expected)


def sliced(ir: Ir, begin: tuple[int, ...], end: tuple[int, ...], **masks: str) -> int:
    """Draw a slice of (1, 4, 5)."""
    bounds = [ir.ints(*begin), ir.ints(*end), ir.ints(*[1] * len(begin))]
    return ir.layer("StridedSlice", [ir.parameter("x", 1, 4, 5), *bounds], (1, 4, 5), **masks)


@pytest.mark.parametrize(
    ("masks", "expected"),
    [
        ({"begin_mask": "1, 0, 0", "end_mask": "1, 0, 0"}, np.s_[:, 1:3, 2:4]),
        ({"begin_mask": "1, 1, 0", "end_mask": "1, 0, 1"}, np.s_[:, :3, 2:]),
        ({"shrink_axis_mask": "0, 1"}, np.s_[:, 1, 2:4]),
    ],
)
def test_a_set_bit_means_that_the_bound_is_ignored(
    masks: Mapping[str, str], expected: tuple[slice, ...]
) -> None:
    """And shrinking takes one value and drops the axis."""
    ir, value = Ir(), random(3, 4, 5)
    end = (1, 2, 4) if "shrink_axis_mask" in masks else (1, 3, 4)
    result = sliced(ir, (0, 1, 2), end, **masks)
    np.testing.assert_array_equal(answered(ir, result, value), value[expected])


@pytest.mark.parametrize(
    ("begin", "masks"),
    [
        ((1, 0, 0), {}),
        ((0, 0, 0), {"shrink_axis_mask": "1"}),
        ((0, 0, 0), {"new_axis_mask": "0, 1"}),
        ((0, 0, 0), {"ellipsis_mask": "0, 1"}),
    ],
)
def test_a_slice_that_touches_the_batch_is_refused(
    begin: tuple[int, ...], masks: Mapping[str, str]
) -> None:
    """So is one that adds an axis."""
    ir = Ir()
    with pytest.raises(Misconfigured, match="cuts the batch or adds axes"):
        convert_ir(*ir.finish(sliced(ir, begin, (1, 2, 2), **masks)))


@pytest.mark.parametrize("turned", ["true", "false"])
def test_a_product_turns_its_weights_when_told(turned: str) -> None:
    """Weights stand as (out, in) or as (in, out)."""
    ir, weights, value = Ir(), random(3, 6), random(4, 6)
    stored = weights if turned == "true" else np.ascontiguousarray(weights.T)
    product = [ir.parameter("x", 1, 6), ir.constant(stored)]
    result = ir.layer("MatMul", product, (1, 3), transpose_a="false", transpose_b=turned)
    np.testing.assert_allclose(answered(ir, result, value), value @ weights.T, atol=1e-5)


@pytest.mark.parametrize("keeps", [True, False])
def test_a_sum_keeps_its_axis_when_told(*, keeps: bool) -> None:
    """Its axes stand in a constant."""
    ir, value = Ir(), random(4, 2, 3)
    shape = (1, 1, 3) if keeps else (1, 3)
    inputs = [ir.parameter("x", 1, 2, 3), ir.ints(1)]
    result = ir.layer("ReduceSum", inputs, shape, keep_dims=str(keeps))
    expected = value.sum(axis=1, keepdims=keeps)
    np.testing.assert_allclose(answered(ir, result, value), expected, rtol=1e-6)


@pytest.mark.parametrize(
    ("kind", "shape", "settings", "message"),
    [
        pytest.param("TopK", (1, 3), {}, "type TopK", id="unknown"),
        pytest.param("MatMul", (1, 3), {"transpose_a": "true"}, "carries the batch", id="turned"),
        pytest.param("Squeeze", (3,), {}, "squeezes the batch", id="squeezed"),
    ],
)
def test_what_cannot_be_right_is_refused(
    kind: str, shape: tuple[int, ...], settings: Mapping[str, str], message: str
) -> None:
    """By name: a guess would be a wrong gaze."""
    ir = Ir()
    result = ir.layer(kind, [ir.parameter("x", 1, 3), ir.ints(0)], shape, **settings)
    with pytest.raises(Misconfigured, match=message):
        convert_ir(*ir.finish(result))


def test_automatic_padding_is_refused() -> None:
    """Only written paddings are known."""
    ir = Ir()
    inputs = [ir.parameter("x", 1, 1, 4, 4), ir.constant(random(1, 1, 2, 2))]
    result = ir.layer("Convolution", inputs, (1, 1, 4, 4), auto_pad="same_upper", **PLAIN)
    with pytest.raises(Misconfigured, match="pads by same_upper"):
        convert_ir(*ir.finish(result))


def test_weights_that_are_computed_are_refused() -> None:
    """A convolution's weights must stand in the file."""
    ir = Ir()
    inputs = [ir.parameter("x", 1, 1, 4, 4), ir.parameter("w", 1, 1, 2, 2)]
    result = ir.layer("Convolution", inputs, (1, 1, 3, 3), **PLAIN)
    with pytest.raises(Misconfigured, match="needs a constant"):
        convert_ir(*ir.finish(result))
