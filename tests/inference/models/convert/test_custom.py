"""The attention mesh's own operators, against geometry in float64 written from their meaning."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.models.convert.converter import convert
from inference.models.manifest import Variant
from tests.inference.models.attention_reference import box_matrix, carried, sampled
from tests.inference.models.drafts import F32, Draft, run_onnx

BOX = {
    "left_rotation_idx": 0,
    "right_rotation_idx": 3,
    "subset_idxs": [0, 1, 2, 3, 4],
    "output_width": 6,
    "output_height": 4,
    "scale_x": 1.5,
    "scale_y": 1.25,
    "target_rotation_radians": 0.0,
}
VARIANTS: tuple[Variant, ...] = ("plain", "cpu")


def box_file(box: dict[str, Any]) -> bytes:
    """Return a file that lays a box around points (1, 7, 3)."""
    draft = Draft()
    points = draft.tensor(1, 7, 3)
    result = draft.custom("Landmarks2TransformMatrix", [points], draft.tensor(1, 4, 4), box)
    return draft.finish([points], [result])


def sampling_file() -> bytes:
    """Return a file that looks at a map (1, 5, 8, 3) through a matrix."""
    draft = Draft()
    picture, matrix = draft.tensor(1, 5, 8, 3), draft.tensor(1, 4, 4)
    size = {"output_height": 4, "output_width": 6}
    result = draft.tensor(1, 4, 6, 3)
    draft.custom("TransformTensorBilinear", [picture, matrix], result, size)
    return draft.finish([picture, matrix], [result])


def matrices(*rows: tuple[float, float, float, float, float, float]) -> F32:
    """Return (N, 4, 4) from the two upper rows without their third column."""
    result = np.tile(np.eye(4, dtype=np.float32), (len(rows), 1, 1))
    for matrix, row in zip(result, rows, strict=True):
        matrix[:2, [0, 1, 3]] = np.reshape(row, (2, 3))
    return result


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(-3, 3, width=16))
def test_boxes_lie_where_geometry_says(seed: int, target_rad: float) -> None:
    """Any points, any wanted angle, three examples at once."""
    box = {**BOX, "target_rotation_radians": target_rad}
    points = np.random.default_rng(seed).uniform(0, 192, (3, 7, 3)).astype(np.float32)
    (drawn,) = run_onnx(convert(box_file(box)), points)
    for matrix, example in zip(drawn, points, strict=True):
        np.testing.assert_allclose(
            matrix, box_matrix(example.astype(np.float64), box), atol=2e-3, rtol=1e-4
        )


def test_a_box_without_direction_is_finite() -> None:
    """Both rotation points at one place, as in a black picture, divide nothing by zero."""
    points = np.full((2, 7, 3), 50, np.float32)
    (drawn,) = run_onnx(convert(box_file(BOX)), points)
    assert np.isfinite(drawn).all()


MATRICES = matrices(
    (1, 0, 0.3, 0, 1, 0.2),
    (1.4, 0.3, -2, -0.3, 1.2, 1.5),
    (-1, 0, 7, 0, -1, 4),
    (40, 0, -60, 0, 40, -60),
    (1, 0, 0, 0, 1, 0),
)


@pytest.mark.parametrize("variant", VARIANTS)
def test_maps_are_sampled_as_geometry_says(variant: Variant) -> None:
    """Moved, turned, upside down and mostly outside; by the grid operator and by gathers."""
    picture = np.random.default_rng(3).normal(size=(len(MATRICES), 5, 8, 3)).astype(np.float32)
    (drawn,) = run_onnx(convert(sampling_file(), variant=variant), picture, MATRICES)
    for seen, example, matrix in zip(drawn, picture, MATRICES, strict=True):
        size = {"output_height": 4, "output_width": 6}
        true = sampled(example.astype(np.float64), matrix.astype(np.float64), size)
        np.testing.assert_allclose(seen, true, atol=2e-5)


@pytest.mark.parametrize("variant", VARIANTS)
def test_outside_the_map_there_is_zero_not_the_border(variant: Variant) -> None:
    """A cell half a pixel beyond the last one sees nothing."""
    picture = np.ones((1, 5, 8, 3), np.float32)
    matrix = matrices((1, 0, 7.25 - 2, 0, 1, 0))
    (drawn,) = run_onnx(convert(sampling_file(), variant=variant), picture, matrix)
    np.testing.assert_array_equal(drawn[0, 0, :, 0], [1, 1, 0, 0, 0, 0])


def test_points_are_carried_through_the_matrix() -> None:
    """Two columns in, two columns out, each example through its own matrix."""
    draft = Draft()
    points, matrix = draft.tensor(1, 5, 2), draft.tensor(1, 4, 4)
    result = draft.tensor(1, 5, 2)
    draft.custom("TransformLandmarks", [points, matrix], result, {})
    values = np.random.default_rng(5).normal(size=(len(MATRICES), 5, 2)).astype(np.float32)
    data = draft.finish([points, matrix], [result])
    (drawn,) = run_onnx(convert(data), values, MATRICES)
    for moved, example, through in zip(drawn, values, MATRICES, strict=True):
        np.testing.assert_allclose(moved, carried(example, through), atol=1e-5)
