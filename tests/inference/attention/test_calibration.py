"""Where exactly is this person's screen?"""

import math
import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.attention.calibration import (
    DOTS,
    MIN_SIGMA_DEG,
    MOVED_WIDENS,
    NUMBERS,
    SETTLE_S,
    Calibration,
    Refusal,
    Sample,
    calibrate,
)
from inference.attention.direction import Direction
from tests.inference.attention.dots import EYES_PX, HEAD, calibrated, look_at, samples

shares = st.floats(0, 1)


def fitted(seen: list[Sample]) -> Calibration:
    """A calibration that must be there."""
    found = calibrate(seen)
    assert isinstance(found, Calibration), found
    return found


@given(shares, shares, st.floats(0.4, 1.3), st.integers(0, 99))
def test_points_between_the_dots_are_found(x: float, y: float, gain: float, seed: int) -> None:
    """Whatever the gaze estimate gets wrong in the same way each time."""
    found = fitted(samples(gain=gain, seed=seed, noise_deg=0.5))
    at = found.point(look_at(x, y, gain=gain))
    assert at == pytest.approx((x, y), abs=0.12)


@given(st.floats(0.5, 1.2), st.integers(0, 99))
def test_corners_are_where_they_are_seen(gain: float, seed: int) -> None:
    """The middle is that of the screen, the extent its own with the margin."""
    found = fitted(samples(gain=gain, seed=seed, noise_deg=0.5))
    assert found.centre.apart(look_at(0.5, 0.5)) < 1
    assert found.screen.left - found.screen.right == pytest.approx(gain * 32 + 10, abs=4)


def test_uncertainty_is_that_of_dots_left_out() -> None:
    """Never below the floor; noise shows in it."""
    assert fitted(samples(noise_deg=0.2)).sigma_deg == MIN_SIGMA_DEG
    coarse = [fitted(samples(noise_deg=4, seed=seed)).sigma_deg for seed in range(8)]
    assert 3.5 < sum(coarse) / len(coarse) < 7


def test_uncertainty_covers_the_errors_of_new_frames() -> None:
    """On frames that were not in the fit: about 68 of 100 within one sigma on each axis."""
    within = total = 0
    for seed in range(20):
        found = fitted(samples(noise_deg=3, seed=seed))
        chance = random.Random(1000 + seed)
        for _ in range(50):
            x, y = chance.random(), chance.random()
            true = look_at(x, y)
            seen = Direction(true.yaw_deg + chance.gauss(0, 3), true.pitch_deg + chance.gauss(0, 3))
            at = found.point(seen)
            for error_deg in ((at[0] - x) * 25.6, (at[1] - y) * 14.4):
                within += abs(error_deg) < found.sigma_deg
                total += 1
    assert 0.6 < within / total < 0.9


def test_first_frames_of_a_dot_and_closed_lids_are_left_out() -> None:
    """Frames while the eyes were under way or shut change nothing."""
    clean = samples()
    wild = [
        replace(s, gaze=Direction(80, 40)) if s.shown_s < SETTLE_S or not s.has_open_lids else s
        for s in clean
    ]
    assert fitted(wild) == fitted(clean)


@pytest.mark.parametrize(
    ("seen", "refusal"),
    [
        pytest.param([], Refusal.TOO_FEW_FRAMES, id="nothing"),
        pytest.param(
            [s for s in samples() if s.dot != DOTS[2]], Refusal.TOO_FEW_FRAMES, id="a dot missing"
        ),
        pytest.param(samples(fps=2), Refusal.TOO_FEW_FRAMES, id="too slow"),
        pytest.param(
            [replace(s, head=Direction(12, -5)) if s.dot == DOTS[1] else s for s in samples()],
            Refusal.HEAD_MOVED,
            id="head moved",
        ),
        pytest.param(
            [replace(s, gaze=Direction(3, -4)) for s in samples()],
            Refusal.NOT_FOLLOWED,
            id="stared",
        ),
        pytest.param(
            [replace(s, gaze=Direction(-s.gaze.yaw_deg, s.gaze.pitch_deg)) for s in samples()],
            Refusal.NOT_FOLLOWED,
            id="mirrored",
        ),
    ],
)
def test_bad_data_are_refused_with_a_reason(seen: list[Sample], refusal: Refusal) -> None:
    """No screen is better than one that is not there."""
    assert calibrate(seen) is refusal
    assert refusal.value


def test_wild_gazes_are_refused() -> None:
    """Eyes that look anywhere give no calibration, whatever the chance."""
    for seed in range(20):
        chance = random.Random(seed)
        wild = [
            replace(s, gaze=Direction(chance.gauss(0, 20), chance.gauss(0, 15))) for s in samples()
        ]
        assert isinstance(calibrate(wild), Refusal)


def test_ten_numbers_say_everything() -> None:
    """They come back as they went; anything else is no calibration."""
    found = calibrated()
    assert isinstance(found, Calibration)
    assert len(found.numbers) == NUMBERS <= 12
    assert Calibration.of(found.numbers) == found
    for wrong in ((), (0.0,) * 10, (math.nan, *found.numbers[1:])):
        with pytest.raises(ValueError, match=r"calibration|impossible|turned"):
            Calibration.of(wrong)


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), min_size=10, max_size=10))
def test_any_ten_numbers_are_a_calibration_or_an_error(numbers: list[float]) -> None:
    """Never a screen that cannot be integrated."""
    try:
        found = Calibration.of(numbers)
    except ValueError:
        return
    assert found.screen.area > 0


@pytest.mark.parametrize(
    ("head", "eyes_px", "has_moved"),
    [
        (HEAD, EYES_PX, False),
        (HEAD, None, False),
        (Direction(9, -5), EYES_PX, False),
        (Direction(11, -5), EYES_PX, True),
        (HEAD, 1.25 * EYES_PX, True),
        (HEAD, 0.75 * EYES_PX, True),
    ],
)
def test_head_that_moved_widens(
    head: Direction,
    eyes_px: float | None,
    has_moved: bool,  # noqa: FBT001 - a column of the table
) -> None:
    """By turning more than 10 degrees or coming a fifth nearer."""
    found = fitted(samples())
    assert found.has_moved(head, eyes_px) is has_moved
    widened = MOVED_WIDENS if has_moved else 1
    assert found.sigma_now_deg(head, eyes_px) == pytest.approx(widened * found.sigma_deg)
