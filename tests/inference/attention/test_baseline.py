"""Where does this person usually look?"""

import math
import random
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.attention.baseline import (
    MAX_MOVE_DEG_S,
    MOVED_S,
    PRIOR,
    PRIOR_SIGMA_DEG,
    Baseline,
    Place,
    learn_elsewhere,
    learn_place,
)
from inference.attention.direction import Direction

usual = st.floats(-18, 12)


def watched(
    heads: list[Direction], frame_s: float = 0.5, eyes_up_deg: float = 0.0, start: int = 0
) -> Baseline:
    """A baseline after some frames; the gaze stands a constant above the head."""
    baseline = Baseline.new()
    for head in heads[start:]:
        gaze = Direction(head.yaw_deg, head.pitch_deg + eyes_up_deg)
        baseline = learn_place(baseline, head, gaze, frame_s=frame_s)
    return baseline


def around(yaw: float, pitch: float, frames: int, noise_deg: float = 2.0) -> list[Direction]:
    """Frames of a head that looks to one place."""
    chance = random.Random(1)
    return [
        Direction(yaw + chance.gauss(0, noise_deg), pitch + chance.gauss(0, noise_deg))
        for _ in range(frames)
    ]


def place_of(baseline: Baseline) -> Place:
    """The place that is used."""
    return baseline.places[0]


@given(usual, usual, st.floats(-12, 14))
def test_centre_goes_to_the_usual_pose(yaw: float, pitch: float, eyes_up: float) -> None:
    """After half a minute the camera's place and the gaze's constant error are known."""
    found = place_of(watched(around(yaw, pitch, 60), eyes_up_deg=eyes_up))
    assert found.is_usable
    assert found.head.apart(Direction(yaw, pitch)) < 2.5
    assert found.gaze.apart(Direction(yaw, pitch + eyes_up)) < 2.5


def test_centre_moves_from_prior_to_person_without_a_step() -> None:
    """With each frame it is nearer and more certain, long before it is usable."""
    heads = around(12, 6, 45, noise_deg=1)
    apart, sigmas = [], []
    for frames in range(46):
        found = place_of(watched(heads[:frames]))
        apart.append(found.head.apart(Direction(12, 6)))
        sigmas.append(found.head_sigma_deg)
        assert found.is_usable == (frames >= 41)  # a little is forgotten on the way
    assert apart[0] == pytest.approx(Direction(12, 6).apart(PRIOR))
    assert apart[4] < 3
    assert max(after - before for before, after in pairwise(apart)) < 1.5
    assert sigmas[0] == PRIOR_SIGMA_DEG
    assert sigmas == sorted(sigmas, reverse=True)
    assert sigmas[-1] < 1.5


@given(st.integers(2, 10), usual)
def test_frame_rate_does_not_matter(rate: int, yaw: float) -> None:
    """Ten frames a second teach in a second what one teaches."""
    slow = place_of(watched([Direction(yaw, -5)] * 30, frame_s=1.0))
    fast = place_of(watched([Direction(yaw, -5)] * 30 * rate, frame_s=1.0 / rate))
    assert fast.known == pytest.approx(slow.known, rel=0.01)
    assert fast.head.apart(slow.head) < 0.5


@given(st.floats(25, 58), st.sampled_from([-1, 1]), st.floats(0, 0.4))
def test_minority_of_looking_away_does_not_move_it(off: float, side: int, share: float) -> None:
    """Even when the filter misses it: two frames of five at 25 degrees move it by less than two."""
    chance = random.Random(1)
    calm = around(0, -5, 240)
    heads = [
        Direction(side * off, head.pitch_deg) if chance.random() < share and at > 60 else head
        for at, head in enumerate(calm)
    ]
    assert abs(place_of(watched(heads)).head.yaw_deg) < 2


def test_known_centre_moves_slowly() -> None:
    """Someone who sinks in the chair is followed at five degrees a minute at most."""
    baseline = watched(around(0, -5, 80))
    before = place_of(baseline).head
    for head in around(10, -5, 60):
        baseline = learn_place(baseline, head, head, frame_s=0.5)
    moved = place_of(baseline).head.apart(before)
    assert moved <= MAX_MOVE_DEG_S * 30 + 1e-6
    for head in around(10, -5, 600):
        baseline = learn_place(baseline, head, head, frame_s=0.5)
    assert place_of(baseline).head.yaw_deg == pytest.approx(10, abs=1)


def test_first_frames_far_away_are_no_baseline() -> None:
    """Someone who begins by looking out of the window is not believed to sit there."""
    baseline = watched([Direction(50, 0)] * 10)
    assert place_of(baseline).known == 0
    assert baseline.elsewhere is not None


@given(st.floats(25, 55), st.sampled_from([-1, 1]))
def test_place_that_is_kept_becomes_a_second_one(yaw: float, side: int) -> None:
    """Half a minute at one place, and not before; the first one is kept, the nearer one holds."""
    baseline = watched(around(0, -5, 60))
    first, there = place_of(baseline), Direction(side * yaw, 0)
    for _ in range(math.ceil(MOVED_S / 0.5) - 1):
        baseline = learn_elsewhere(baseline, there, there, frame_s=0.5)
    assert baseline.places == (first,)
    baseline = learn_elsewhere(baseline, there, there, frame_s=0.5)
    assert len(baseline.places) == 2
    assert baseline.nearest(there).head.apart(there) < 1
    assert baseline.nearest(there).is_usable
    assert baseline.nearest(Direction(0, -5)) is first


def test_third_place_replaces_the_one_not_used_last() -> None:
    """Two are kept."""
    baseline = watched(around(0, -5, 60))
    for yaw in (35.0, -35.0):
        for _ in range(80):
            there = Direction(yaw, 0)
            baseline = learn_elsewhere(baseline, there, there, frame_s=0.5)
    assert [round(place.head.yaw_deg) for place in baseline.places] == [-35, 35]


@pytest.mark.parametrize(
    "heads",
    [
        pytest.param([(0, -30)], id="a desk"),
        pytest.param([(70, 0)], id="beyond any screen"),
        pytest.param([(35, 0), (-35, 0)], id="both neighbours"),
        pytest.param([(20 + 3 * n, 0) for n in range(12)], id="looking around"),
        pytest.param([(10, 0)], id="near the screen"),
    ],
)
def test_places_that_are_no_screen_stay_elsewhere(heads: list[tuple[float, float]]) -> None:
    """Minutes of notes, windows and neighbours do not make another screen."""
    baseline = watched(around(0, -5, 60))
    for frame in range(400):
        head = Direction(*heads[frame // 4 % len(heads)])
        baseline = learn_elsewhere(baseline, head, None, frame_s=0.5)
    assert len(baseline.places) == 1


@given(
    st.floats(-10, 1000), st.floats(-180, 180), st.floats(-90, 90), st.floats(-1e3, 1e3) | st.none()
)
def test_odd_frames_do_no_harm(
    frame_s: float, yaw: float, pitch: float, gaze: float | None
) -> None:
    """Clocks that jump or go back and impossible angles leave finite numbers."""
    look = None if gaze is None else Direction(gaze, gaze)
    baseline = learn_place(Baseline.new(), Direction(yaw, pitch), look, frame_s=frame_s)
    baseline = learn_elsewhere(baseline, Direction(yaw, pitch), look, frame_s=frame_s)
    for place in baseline.places:
        assert np.isfinite(place.counts).all()
        assert 0 <= place.known <= 2
        assert math.isfinite(place.head.yaw_deg + place.gaze.pitch_deg + place.gaze_sigma_deg)
