"""Where does this person usually look?"""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.attention.baseline import (
    PRIOR_SIGMA_RAD,
    Baseline,
    Direction,
    learn_gaze,
    learn_head,
    learn_opening,
    learn_place,
)

usual = st.floats(-20, 15)


def look(yaw_deg: float, pitch_deg: float) -> Direction:
    """A direction in degrees."""
    return Direction(math.radians(yaw_deg), math.radians(pitch_deg))


def watched(heads: list[Direction], frame_s: float = 0.5) -> Baseline:
    """A baseline after some frames."""
    baseline = Baseline()
    for head in heads:
        baseline = learn_head(baseline, head, frame_s=frame_s)
    return baseline


@given(usual, usual)
def test_centre_goes_to_the_usual_pose(yaw: float, pitch: float) -> None:
    """After a minute the camera's place is known within three degrees."""
    found = watched([look(yaw, pitch)] * 120).head.degrees()
    assert found == pytest.approx((yaw, pitch), abs=3)


@given(st.integers(1, 10), usual)
def test_frame_rate_does_not_matter(rate: int, yaw: float) -> None:
    """Ten frames a second teach in a second what one teaches."""
    slow = watched([look(yaw, -5)] * 30, frame_s=1.0)
    fast = watched([look(yaw, -5)] * 30 * rate, frame_s=1.0 / rate)
    assert fast.seconds == pytest.approx(slow.seconds)
    assert fast.head.yaw_rad == pytest.approx(slow.head.yaw_rad, abs=math.radians(1))


def test_minority_of_looking_away_pulls_little() -> None:
    """A fifth of the frames at 60 degrees moves the centre by less than three."""
    chance = random.Random(1)
    heads = [look(60 if chance.random() < 0.2 else 0, -5) for _ in range(240)]
    assert abs(watched(heads).head.degrees()[0]) < 3


def test_first_frames_far_away_teach_nothing() -> None:
    """Someone who begins by looking out of the window is not believed to sit there."""
    baseline = watched([look(50, 0)] * 10)
    assert baseline == Baseline()


@given(st.floats(25, 55), st.sampled_from([-1, 1]))
def test_place_that_is_kept_becomes_the_screen(yaw: float, side: int) -> None:
    """Half a minute at one place, and not before, moves the screen there."""
    baseline = Baseline()
    for _ in range(59):
        baseline = learn_place(baseline, look(side * yaw, 0), frame_s=0.5)
    assert baseline.head == Baseline().head
    for _ in range(2):
        baseline = learn_place(baseline, look(side * yaw, 0), frame_s=0.5)
    assert baseline.head.degrees() == pytest.approx((side * yaw, 0), abs=1)


@pytest.mark.parametrize(
    "heads",
    [
        pytest.param([(0, -30)], id="a desk"),
        pytest.param([(70, 0)], id="beyond any screen"),
        pytest.param([(35, 0), (-35, 0)], id="both neighbours"),
        pytest.param([(20 + 3 * n, 0) for n in range(12)], id="looking around"),
    ],
)
def test_places_that_are_no_screen_stay_elsewhere(heads: list[tuple[float, float]]) -> None:
    """Minutes of notes, windows and neighbours do not move the screen."""
    baseline = Baseline()
    for frame in range(400):
        yaw, pitch = heads[frame // 4 % len(heads)]
        baseline = learn_place(baseline, look(yaw, pitch), frame_s=0.5)
    assert baseline.head == Baseline().head


def test_uncertainty_falls_with_time() -> None:
    """The prior is uncertain; a minute of watching is not."""
    baseline = watched([look(0, -5)] * 120)
    assert Baseline().sigma_rad == PRIOR_SIGMA_RAD
    assert baseline.sigma_rad < 0.3 * PRIOR_SIGMA_RAD
    assert baseline.is_usable
    assert not Baseline().is_usable


def test_constant_error_of_the_gaze_is_learned_anywhere() -> None:
    """Irises that stand high in their eyes do so wherever the head points."""
    baseline = Baseline()
    for turn in range(-20, 20):
        head = look(turn, -5)
        baseline = learn_gaze(baseline, head, look(turn + 2, 6), frame_s=0.5)
    yaw, pitch = baseline.eyes.degrees()
    assert pitch == pytest.approx(11, abs=1.5)
    assert yaw == pytest.approx(2, abs=1.5)


@given(st.floats(0.2, 0.4))
def test_open_ratio_is_the_upper_part_of_what_is_seen(ratio: float) -> None:
    """Near the ninetieth percentile, so that blinks and squints do not pull it down."""
    chance = random.Random(2)
    baseline = Baseline()
    for _ in range(400):
        seen = chance.gauss(ratio, 0.012)
        baseline = learn_opening(baseline, seen, frame_s=0.5)
    assert baseline.open_ratio == pytest.approx(ratio + 0.015, abs=0.02)


@given(st.floats(-10, 1000), st.floats(-180, 180))
def test_odd_intervals_do_no_harm(frame_s: float, yaw: float) -> None:
    """Clocks that stand, jump or go back leave a baseline of finite numbers."""
    baseline = learn_head(Baseline(), look(yaw, 0), frame_s=frame_s)
    baseline = learn_gaze(baseline, look(yaw, 0), look(0, 0), frame_s=frame_s)
    baseline = learn_opening(baseline, 0.3, frame_s=frame_s)
    baseline = learn_place(baseline, look(yaw, 0), frame_s=frame_s)
    assert math.isfinite(baseline.head.yaw_rad + baseline.eyes.yaw_rad + baseline.open_ratio)
    assert 0 <= baseline.seconds <= 1
