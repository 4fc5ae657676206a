"""Reading tflite files."""

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema  # type: ignore[import-untyped]  # bare
from rapt.errors import Misconfigured

from inference.models.convert.flatbuffer import read_graph
from tests.inference.models.drafts import Draft


def test_something_else_is_refused() -> None:
    """A file without the mark of tflite is not read further."""
    with pytest.raises(Misconfigured, match="not a tflite file"):
        read_graph(b"PK\x03\x04 a zip archive, say")


@pytest.mark.parametrize(("new", "old"), [(0, 98), (98, 98), (130, 127)])
def test_the_larger_of_both_operator_codes_counts(new: int, old: int) -> None:
    """Files made before and after the field was widened are both read right."""
    draft = Draft()
    value = draft.tensor(1, 4)
    result = draft.operator("RELU", [value], draft.tensor(1, 4))
    draft.model.operatorCodes[0].builtinCode = new
    draft.model.operatorCodes[0].deprecatedBuiltinCode = old
    kinds = {98: "LEAKY_RELU", 130: "BROADCAST_TO"}
    (operator,) = read_graph(draft.finish([value], [result])).operators
    assert operator.kind == kinds[max(new, old)]


def test_a_custom_operator_tells_its_name_and_options() -> None:
    """Options of custom operators are flexbuffers; none at all is an empty mapping."""
    draft = Draft()
    value = draft.tensor(1, 4)
    result = draft.custom("Turn", [value], draft.tensor(1, 4), {"angle": 0.5, "ids": [1, 2]})
    plain = draft.custom("Stay", [result], draft.tensor(1, 4), {})
    draft.graph.operators[1].customOptions = None
    turn, stay = read_graph(draft.finish([value], [plain])).operators
    assert (turn.kind, turn.is_custom) == ("Turn", True)
    assert dict(turn.custom_options()) == {"angle": 0.5, "ids": [1, 2]}
    assert dict(stay.custom_options()) == {}


def test_half_precision_is_widened() -> None:
    """float16 constants are read as float32, without loss."""
    draft = Draft()
    stored = np.array([0.1, -2, 65504], np.float16)
    number = draft.constant(stored)
    constant = read_graph(draft.finish([], [number])).tensors[number].constant
    assert constant is not None
    assert constant.dtype == np.float32
    np.testing.assert_array_equal(constant, stored)


def test_an_unknown_number_type_is_refused_by_name() -> None:
    """Quantised weights, say, would be read as garbage."""
    draft = Draft()
    number = draft.constant(np.zeros(4, np.float32))
    draft.graph.tensors[number].type = schema.TensorType.INT8
    with pytest.raises(Misconfigured, match="constant t0"):
        read_graph(draft.finish([], [number]))
