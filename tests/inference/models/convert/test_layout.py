"""The order of axes while a graph is drawn."""

import numpy as np
import onnx
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from inference.models.convert.converter import convert
from inference.models.convert.layout import channels_first
from tests.inference.models.convert.test_arithmetic import behind_a_convolution
from tests.inference.models.drafts import F32, Draft

CONSTANTS = arrays.arrays(
    np.float32,
    st.one_of(st.just((3,)), st.just((5, 4, 3)), st.just((2, 5, 4, 3)), st.just((1,)), st.just(())),
    elements=st.floats(-4, 4, width=16),
)


@given(CONSTANTS)
def test_a_constant_meets_the_same_values_in_either_order(constant: F32) -> None:
    """Adding it before or after the turn to NCHW is the same."""
    picture = np.arange(2 * 5 * 4 * 3, dtype=np.float32).reshape(2, 5, 4, 3)
    turned = (picture + constant).transpose(0, 3, 1, 2)
    np.testing.assert_array_equal(picture.transpose(0, 3, 1, 2) + channels_first(constant), turned)


def test_a_chain_of_convolutions_is_transposed_twice() -> None:
    """Once on the way in and once on the way out, however long it is."""
    draft = Draft()
    value = picture = draft.tensor(1, 4, 4, 3)
    for _ in range(5):
        value = behind_a_convolution(draft, value, 3)
        value = draft.operator("RELU", [value], draft.tensor(1, 4, 4, 3))
    graph = onnx.load_from_string(convert(draft.finish([picture], [value]))).graph
    assert [node.op_type for node in graph.node].count("Transpose") == 2
