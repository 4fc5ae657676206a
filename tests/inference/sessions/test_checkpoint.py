"""The state of a session in bytes, also when somebody else has made them."""

import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.attention.memory import Memory
from inference.perception.track import Place, Track
from inference.sessions.checkpoint import VERSION, State, pack, unpack

PLACE = Place(0.5, 0.25, 0.125, 0.0, 7)


def test_what_is_packed_comes_back() -> None:
    """The place of the face, and the person."""
    state = unpack(pack(State(Memory.new(), Track(PLACE))))
    assert state.track == Track(PLACE)
    assert state.memory.to_bytes() == Memory.new().to_bytes()


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf, 1e30, -1e6, 0.0])
@pytest.mark.parametrize("at", range(4))
def test_a_face_that_is_nowhere_is_not_followed(number: float, at: int) -> None:
    """One such place made a fault of everything in its batch."""
    numbers = [0.5, 0.5, 0.3, 0.0]
    numbers[at] = number
    forged = struct.pack("<B?4fI", VERSION, 1, *numbers, 7)
    is_harmless = number == 0.0 and at != 2
    assert (unpack(forged).track is not None) == is_harmless


@given(st.binary(max_size=2100))
def test_any_bytes_are_a_state(data: bytes) -> None:
    """With a track that can be, or none."""
    for forged in (data, bytes([VERSION, 1]) + data):
        track = unpack(forged).track
        assert track is None or track.student.is_possible
