"""May another stream be opened, and how often may everyone send?"""

from hypothesis import given
from hypothesis import strategies as st

from inference.scheduling.admission import FPS_MILLI, MAX_BUSY, share


@given(st.integers(0, 100_000), st.floats(0, 1))
def test_everyone_gets_the_highest_rate_at_which_all_fit(streams: int, frame_s: float) -> None:
    """And when none fits, the lowest, which says so."""
    found = share(streams, frame_s=frame_s)
    fitting = [fps for fps in FPS_MILLI if streams * fps / 1000 * frame_s <= MAX_BUSY]
    assert found.fps_milli == max(fitting, default=min(FPS_MILLI))
    assert found.fits == bool(fitting)


@given(st.integers(1, 10_000), st.floats(1e-6, 1))
def test_more_streams_never_get_more_each(streams: int, frame_s: float) -> None:
    """Who comes late lowers everyone's rate or leaves it."""
    now, later = share(streams, frame_s=frame_s), share(streams + 1, frame_s=frame_s)
    assert later.fps_milli <= now.fps_milli


def test_the_rate_falls_before_anyone_is_refused() -> None:
    """At ten milliseconds a frame."""
    rates = [share(streams, frame_s=0.01) for streams in (42, 43, 85, 86, 170, 171)]
    assert [rate.fps_milli for rate in rates] == [2000, 1000, 1000, 500, 500, 500]
    assert [rate.fits for rate in rates] == [True] * 5 + [False]
