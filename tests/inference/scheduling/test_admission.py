"""May another stream be opened?"""

from hypothesis import given
from hypothesis import strategies as st

from inference.scheduling.admission import FPS_MILLI, MAX_BUSY, admit


@given(st.integers(0, 10_000_000), st.floats(0, 1))
def test_an_admitted_stream_leaves_room_on_the_device(open_fps_milli: int, frame_s: float) -> None:
    """The highest rate that fits is offered, and only one that fits."""
    admission = admit(open_fps_milli=open_fps_milli, frame_s=frame_s)
    fits = [f for f in FPS_MILLI if (open_fps_milli + f) / 1000 * frame_s <= MAX_BUSY]
    assert admission.fps_milli == max(fits, default=0)
    assert (admission.busy <= MAX_BUSY) == bool(fits)


def test_a_tight_device_offers_one_frame_a_second_before_it_refuses() -> None:
    """Degrade before refusing."""
    offers = [
        admit(open_fps_milli=open_fps_milli, frame_s=0.01).fps_milli
        for open_fps_milli in (83_000, 84_000, 85_000)
    ]
    assert offers == [2000, 1000, 0]
