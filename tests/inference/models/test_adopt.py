"""Taking over ONNX files of others."""

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper
from rapt.errors import Misconfigured

from inference.models.adopt import adopt
from inference.models.manifest import Picture
from tests.inference.models.drafts import F32, run_onnx

RANDOM = np.random.default_rng(7)
WEIGHTS = RANDOM.normal(size=(2, 3, 3, 3)).astype(np.float32)
BIAS = RANDOM.normal(size=2).astype(np.float32)
PICTURE = Picture(scale=1 / 255, offset=-127 / 255, order="bgr")


def vendors(*more: onnx.NodeProto) -> bytes:
    """Return a file as an eye network comes: opset 9, a batch of one, a softmax in three steps."""
    nodes = [
        helper.make_node("Conv", ["input.1", "weights", "bias"], ["15"], kernel_shape=[3, 3]),
        helper.make_node("MaxPool", ["15"], ["16"], kernel_shape=[6, 6]),
        helper.make_node("Exp", ["16"], ["17"]),
        helper.make_node("ReduceSum", ["17"], ["18"], axes=[1], keepdims=1),
        helper.make_node("Div", ["17", "18"], ["19"]),
        *more,
    ]
    entrance = helper.make_tensor_value_info("input.1", 1, [1, 3, 8, 8])
    end = more[-1].output[0] if more else "19"
    exit_ = helper.make_tensor_value_info(end, 1, [1, 2, 1, 1])
    constants = [numpy_helper.from_array(WEIGHTS, "weights"), numpy_helper.from_array(BIAS, "bias")]
    graph = helper.make_graph(nodes, "torch-jit-export", [entrance], [exit_], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 9)])
    model.ir_version = 4
    return model.SerializeToString()


def expected(pictures: F32) -> F32:
    """Return what the vendor's file answers, one scaled picture at a time."""
    rows = [run_onnx(vendors(), (one[None] - 127) / np.float32(255))[0] for one in pictures]
    return np.concatenate(rows)


PICTURES = RANDOM.integers(0, 256, (4, 3, 8, 8)).astype(np.float32)


def test_it_scales_in_the_graph_and_takes_any_batch() -> None:
    """Raw values in, the vendor's answers out."""
    (answer,) = run_onnx(adopt(vendors(), output="19", picture=PICTURE), PICTURES)
    np.testing.assert_allclose(answer, expected(PICTURES), atol=1e-6)
    assert np.ptp(answer) > 0.05


def test_a_gpu_gives_it_bytes() -> None:
    """RGB and NHWC, turned and reordered in the graph."""
    graph = adopt(vendors(), output="19", picture=PICTURE, variant="gpu")
    (answer,) = run_onnx(graph, PICTURES[:, ::-1].transpose(0, 2, 3, 1).astype(np.uint8))
    np.testing.assert_allclose(answer, expected(PICTURES), atol=1e-6)


def test_what_comes_behind_the_output_is_left_away() -> None:
    """Names stay, and the same file gives the same bytes."""
    longer = vendors(helper.make_node("Neg", ["19"], ["20"]))
    graph = onnx.load_from_string(adopt(longer, output="19", picture=PICTURE)).graph
    assert "Neg" not in {node.op_type for node in graph.node}
    assert (graph.input[0].name, graph.output[0].name) == ("input.1", "19")
    again = adopt(longer, output="19", picture=PICTURE)
    assert again == adopt(longer, output="19", picture=PICTURE)


def test_a_fixed_batch_is_refused() -> None:
    """A reshape to (1, 2) would mix examples or fail at the second one."""
    node = helper.make_node("Reshape", ["19", "shape"], ["20"])
    model = onnx.load_from_string(vendors(node))
    model.graph.initializer.append(numpy_helper.from_array(np.array([1, 2]), "shape"))
    with pytest.raises(Misconfigured, match="fixes its batch"):
        adopt(model.SerializeToString(), output="20", picture=PICTURE)


@pytest.mark.parametrize(
    ("data", "output", "message"),
    [
        pytest.param(b"no graph at all", "19", "no ONNX file", id="not ONNX"),
        pytest.param(vendors(), "99", "no value called 99", id="no such output"),
    ],
)
def test_another_file_is_refused(data: bytes, output: str, message: str) -> None:
    """In one sentence."""
    with pytest.raises(Misconfigured, match=message):
        adopt(data, output=output, picture=PICTURE)
