"""Which large message is a frame and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapt.v1 import perception_pb2 as perception
from rapt.v1 import viewing_pb2 as viewing

from gateway.viewing.oversized import is_one_frame


@given(size=st.integers(0, 3_000_000), sequence=st.integers(0, 2**64 - 1))
def test_a_frame_of_any_size_is_one(size: int, sequence: int) -> None:
    """So its answer can name it."""
    frame = perception.Frame(sequence=sequence, image=bytes(size))
    assert is_one_frame(viewing.ClientMessage(frame=frame).SerializeToString())


FRAME = viewing.ClientMessage(frame=perception.Frame(sequence=1)).SerializeToString()


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\x12", id="no length"),
        pytest.param(b"\x12\xff\xff\xff\xff\xff\xff", id="endless length"),
        pytest.param(FRAME + b"\x1a\x00", id="an event behind the frame"),
        pytest.param(FRAME[:-1], id="cut"),
        pytest.param(b"\x1a\x02\x5a\x00", id="an event"),
    ],
)
def test_everything_else_is_not(data: bytes) -> None:
    """Also what only begins like one."""
    assert not is_one_frame(data)
