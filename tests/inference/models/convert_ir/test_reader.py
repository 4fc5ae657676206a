"""Reading IRs, also damaged ones."""

import xml.etree.ElementTree as ET

import numpy as np
import onnx
import pytest
from rapt.errors import Misconfigured

from inference.models.convert_ir.converter import convert_ir
from inference.models.convert_ir.reader import read_ir
from tests.inference.models.convert_ir.irs import Ir
from tests.inference.models.drafts import run_onnx


def chain(ir: Ir) -> int:
    """Add a constant, then take the exponential."""
    known = ir.constant(np.ones((1, 3), np.float32))
    added = ir.layer("Add", [ir.parameter("x", 1, 3), known], (1, 3))
    return ir.layer("Exp", [added], (1, 3), name="head/out")


def test_the_order_in_the_file_means_nothing() -> None:
    """Layers may stand before those that they need."""
    ir = Ir()
    xml, weights = ir.finish(chain(ir))
    ir.layers[:] = list(reversed(ir.layers))
    backwards = ET.tostring(ir.root)
    assert backwards != xml
    assert list(read_ir(backwards, weights).values())[-1].kind == "Result"
    value = np.zeros((2, 3), np.float32)
    answers = [run_onnx(convert_ir(text, weights), value)[0] for text in (xml, backwards)]
    np.testing.assert_array_equal(answers[0], answers[1])


def test_the_graph_has_the_promised_frame() -> None:
    """A free first axis, the author's names without slashes, the same bytes every time."""
    ir = Ir()
    files = ir.finish(chain(ir))
    graph = onnx.load_from_string(convert_ir(*files)).graph
    assert [value.name for value in (*graph.input, *graph.output)] == ["x", "head_out"]
    for value in (*graph.input, *graph.output):
        assert value.type.tensor_type.shape.dim[0].dim_param == "N"
    assert convert_ir(*files) == convert_ir(*files)


@pytest.mark.parametrize(
    "xml",
    [
        pytest.param(b"<net", id="cut"),
        pytest.param(b'<net version="10"/>', id="older"),
        pytest.param(b'<house version="11"/>', id="something else"),
        pytest.param(b"\x00\x01", id="no text"),
    ],
)
def test_what_is_no_ir_is_refused(xml: bytes) -> None:
    """Version 11 is the one that is known."""
    with pytest.raises(Misconfigured, match="not an OpenVINO IR"):
        read_ir(xml, b"")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        pytest.param('from-layer="0"', 'from-layer="9"', "layer 9", id="a layer that is not there"),
        pytest.param('from-port="2"', 'from-port="3"', "port 3", id="a second output"),
        pytest.param('to-layer="2" to-port="1"', 'to-layer="2" to-port="7"', "port 1", id="open"),
        pytest.param(
            'from-layer="0" from-port="0"', 'from-layer="3" from-port="1"', "circle", id="o"
        ),
        pytest.param('element_type="f32"', 'element_type="u4"', "type u4", id="number type"),
        pytest.param('size="12"', 'size="16"', "within the weights", id="too long"),
        pytest.param('offset="0"', 'offset="4"', "within the weights", id="too far"),
    ],
)
def test_damage_is_said(old: str, new: str, message: str) -> None:
    """Edges and constants must fit together."""
    ir = Ir()
    xml, weights = ir.finish(chain(ir))
    damaged = xml.replace(old.encode(), new.encode(), 1)
    assert damaged != xml
    with pytest.raises(Misconfigured, match=message):
        read_ir(damaged, weights)
