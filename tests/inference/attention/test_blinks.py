"""How much of the last minute were the lids closed, and how often did they blink?"""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.attention.blinks import BUCKETS, MIN_FRAMES, Eyelids
from inference.attention.lids import LidPosition, Lids

SHUT, HALF, OPEN = (
    Lids(0.0, LidPosition.CLOSED),
    Lids(0.52, LidPosition.OPEN),
    Lids(1.0, LidPosition.OPEN),
)
LOWERED = Lids(0.0, LidPosition.LOWERED)


def watched(frames: list[Lids | None], fps: float) -> Eyelids:
    """The lids after some frames at a steady rate."""
    eyelids = Eyelids()
    for index, lids in enumerate(frames):
        eyelids = eyelids.after(lids, index / fps, 1 / fps)
    return eyelids


def blinking(seconds: int, fps: int, every_s: float, frames: int = 1) -> list[Lids | None]:
    """Somebody who blinks regularly."""
    seen: list[Lids | None] = [OPEN] * (seconds * fps)
    for number in range(1, int(seconds / every_s)):
        at = int(number * every_s * fps)
        seen[at : at + frames] = [SHUT] * frames
    return seen


@pytest.mark.parametrize("fps", [8, 10, 24])
@pytest.mark.parametrize("every_s", [2.0, 4.0])
@pytest.mark.parametrize("frames", [1, 3])
def test_blinks_are_counted(fps: int, every_s: float, frames: int) -> None:
    """Fifteen or thirty a minute, one frame long or three."""
    rate = watched(blinking(60, fps, every_s, frames), fps).blinks_per_minute
    assert rate == pytest.approx(60 / every_s, abs=2)


def test_slow_frames_show_no_blinks() -> None:
    """At five frames a second blinks fall between the frames: no rate, not a wrong one."""
    assert watched(blinking(60, 5, 3.0), 5).blinks_per_minute is None
    assert watched(blinking(60, 2, 3.0), 2).blinks_per_minute is None


def test_closed_eyes_do_not_blink() -> None:
    """Lids that stay shut for longer than half a second are closed."""
    assert watched(blinking(60, 10, 4.0, frames=12), 10).blinks_per_minute == 0


def test_blink_of_a_lowered_look_is_a_blink() -> None:
    """Lids that fall while the look is down come up again as soon."""
    seen: list[Lids | None] = [OPEN] * 300
    seen[100:103] = [LOWERED] * 3
    seen[200:220] = [LOWERED] * 20
    assert watched(seen, 10).blinks_per_minute == pytest.approx(2, abs=0.2)


def test_half_open_eyes_end_no_blink() -> None:
    """Lids that flutter between shut and half open blink once."""
    seen: list[Lids | None] = [OPEN] * 300
    seen[100:105] = [SHUT, HALF, SHUT, HALF, SHUT]
    assert watched(seen, 10).blinks_per_minute == pytest.approx(2, abs=0.1)


@given(st.floats(0, 1), st.sampled_from([2.0, 10.0]), st.integers(0, 99))
def test_perclos_is_the_share_of_closed_frames(share: float, fps: float, seed: int) -> None:
    """The same at every rate, of the last minute alone."""
    chance = random.Random(seed)
    before: list[Lids | None] = [SHUT] * int(120 * fps)
    minute: list[Lids | None] = [
        SHUT if chance.random() < share else OPEN for _ in range(int(60 * fps))
    ]
    perclos = watched(before + minute, fps).perclos
    true = minute.count(SHUT) / len(minute)
    assert perclos == pytest.approx(true, abs=0.1)


def test_perclos_needs_enough_frames() -> None:
    """Lowered lids and frames without eyes do not count."""
    frames: list[Lids | None] = [LOWERED, None, OPEN] * MIN_FRAMES
    assert watched(frames[:-3], 3).perclos is None
    assert watched(frames, 10).perclos == 0


@given(
    st.lists(
        st.tuples(st.sampled_from([SHUT, HALF, OPEN, LOWERED, None]), st.floats(-1, 90)),
        max_size=60,
    )
)
def test_memory_is_a_minute_whatever_comes(frames: list[tuple[Lids | None, float]]) -> None:
    """Buckets are bounded, shares are shares, clocks may stand or go back."""
    eyelids, now_s = Eyelids(), 1000.0
    for lids, since_s in frames:
        now_s += since_s
        eyelids = eyelids.after(lids, now_s, max(since_s, 0.0))
        assert len(eyelids.buckets) <= BUCKETS
        assert eyelids.perclos is None or 0 <= eyelids.perclos <= 1
        assert eyelids.blinks_per_minute is None or eyelids.blinks_per_minute >= 0


def test_lids_were_closed_after_a_second() -> None:
    """A blink is no sleep; lowered lids end one."""
    eyelids = watched([OPEN, SHUT, SHUT], 2)
    assert not eyelids.were_closed(1.0)
    assert eyelids.were_closed(1.5)
    assert not eyelids.after(LOWERED, 1.5, 0.5).were_closed(9.0)
    assert not eyelids.after(OPEN, 1.5, 0.5).were_closed(9.0)
