"""Counting the work of graphs."""

from typing import Any

import numpy as np
import onnx
import pytest
from rapt.errors import Misconfigured

from inference.models.convert.frame import Port, framed, named_output
from inference.models.convert.sheet import Sheet
from inference.models.cost import cost
from inference.models.folder import GraphName, ModelFolder


def graph(kind: str, weights: tuple[int, ...], shape: tuple[int, ...], **attributes: Any) -> bytes:
    """Return a graph of one operator with weights (any attributes of the operator)."""
    sheet = Sheet()
    constant = sheet.constant(np.zeros(weights, np.float32))
    result = sheet.node(kind, "in", constant, **attributes)
    named_output(sheet, result, "out")
    model = onnx.load_from_string(framed(sheet, [Port("in", shape)], [Port("out", (1,))]))
    model.graph.output[0].type.tensor_type.ClearField("shape")
    return model.SerializeToString()


def test_a_convolution_counts_its_windows() -> None:
    """Outputs times window times channels; a stride of two quarters it."""
    counted = cost(graph("Conv", (5, 3, 2, 2), (1, 3, 9, 9), strides=(1, 1)))
    assert counted.macs == 5 * 8 * 8 * 3 * 2 * 2
    assert counted.weight_bytes == 5 * 3 * 2 * 2 * 4
    assert counted.boundary_bytes == (3 * 9 * 9 + 5 * 8 * 8) * 4
    assert cost(graph("Conv", (5, 3, 2, 2), (1, 3, 9, 9), strides=(2, 2))).macs == counted.macs // 4


def test_a_group_sees_only_its_channels() -> None:
    """A depthwise convolution multiplies each channel by its own window."""
    assert cost(graph("Conv", (4, 1, 3, 3), (1, 4, 8, 8), group=4)).macs == 4 * 6 * 6 * 9


def test_a_product_sums_over_the_shared_axis() -> None:
    """Rows times columns times what they share."""
    assert cost(graph("MatMul", (6, 7), (1, 5, 6))).macs == 5 * 7 * 6


def test_bytes_grow_with_the_batch_but_weights_are_read_once() -> None:
    """With one operator nothing could be fused, so both bounds are the same."""
    counted = cost(graph("Conv", (4, 4, 1, 1), (1, 4, 8, 8)))
    assert counted.least_bytes(3) - counted.least_bytes(2) == 2 * 4 * 64 * 4
    assert counted.least_bytes(3) == 64 + 3 * (counted.least_bytes(1) - 64)
    assert counted.moved_bytes(3) == counted.least_bytes(3)


def test_an_open_size_must_be_given() -> None:
    """A picture of any size has no count of its own."""
    model = onnx.load_from_string(graph("Conv", (4, 4, 1, 1), (1, 4, 8, 8)))
    for axis in (2, 3):
        model.graph.input[0].type.tensor_type.shape.dim[axis].dim_param = f"any_{axis}"
    with pytest.raises(Misconfigured, match="unknown"):
        cost(model.SerializeToString())
    assert cost(model.SerializeToString(), size_px=8).macs == 4 * 4 * 64


@pytest.mark.parametrize(
    ("name", "millions"),
    [("attention_mesh", 44), ("room_detector_full_range", 117), ("gaze", 69), ("blendshapes", 32)],
)
def test_the_shipped_graphs_cost_what_is_known(
    full_models: ModelFolder, name: GraphName, millions: int
) -> None:
    """The CPU's graphs do a little more than their source, in return for fewer transposes."""
    counted = cost(full_models.graph(name))
    assert millions - 1 <= counted.macs / 1e6 <= 1.2 * millions
    assert counted.moved_bytes(8) > 2 * counted.least_bytes(8)
