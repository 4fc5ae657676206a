"""What the accuracy benchmark compares, without a picture."""

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.closed_loop import blinks, heads
from benchmarks.closed_loop.blinks import Blink
from benchmarks.closed_loop.states import lag_of, states_of
from demo.script import make_script
from demo.sheet import Sheet


def test_blinks_that_are_found_where_they_are_count_once() -> None:
    """A second find of the same blink is a false one."""
    true = [Blink(1.0, 1.3), Blink(3.0, 3.3)]
    told = blinks.compare(true, [1.2, 1.25, 3.1])
    assert told.recall == 1.0
    assert told.precision == pytest.approx(2 / 3, abs=1e-3)


def test_a_blink_found_elsewhere_is_missed_and_wrong() -> None:
    """Nothing is right, so nothing is recalled."""
    told = blinks.compare([Blink(1.0, 1.3)], [5.0])
    assert (told.right, told.recall, told.precision) == (0, 0.0, 0.0)


@given(st.integers(0, 1000))
def test_scripted_blinks_keep_apart_and_begin_after_the_settling(seed: int) -> None:
    """Each has its own time, and lids are shut in its middle."""
    script = blinks.script(120.0, seed=seed)
    assert script
    assert script[0].from_s >= blinks.SETTLE_S
    assert all(one.to_s < other.from_s for one, other in pairwise(script))
    assert all(blink.closed(blink.middle_s) == 1.0 for blink in script)


@given(st.floats(0.5, 1.5), st.floats(-5, 5))
def test_a_straight_line_has_no_residual(slope: float, offset: float) -> None:
    """Residual is what no line explains; the error is of the angle itself."""
    true = np.linspace(-40, 40, 9)
    measured = heads.Measured(
        np.stack([true] * 3, axis=1), np.stack([slope * true + offset] * 3, axis=1)
    )
    axis = heads.axis(measured, 0)
    assert axis is not None
    assert axis.residual_deg == 0
    assert axis.slope == pytest.approx(slope, abs=1e-3)


def test_lost_heads_count_as_not_found() -> None:
    """A bin of which half is not measured says so, and its line is of the other half."""
    true = np.repeat(np.array([[-20.0], [20.0], [0.0], [10.0]]), 3, axis=1)
    seen = true.copy()
    seen[0] = np.nan
    one = heads.bin_of("light", "dark", heads.Measured(true, seen))
    assert one.found == 0.75
    assert one.yaw is not None
    assert one.yaw.n == 3


def test_states_are_scored_by_the_mean_of_their_f1() -> None:
    """Missing and unknown seconds are misses of their true state."""
    told = states_of(
        Counter(
            {
                ("focused", "focused"): 8,
                ("focused", "unknown"): 2,
                ("away", "away"): 5,
                ("drifting", "drifting"): 5,
                ("eyes_closed", "eyes_closed"): 5,
                ("absent", "missing"): 5,
            }
        )
    )
    by_state = {row.state: row.f1 for row in told.by_state}
    assert by_state["absent"] == 0.0
    assert by_state["focused"] == pytest.approx(2 * 8 / 18, abs=1e-3)
    assert told.macro_f1 == pytest.approx(sum(by_state.values()) / 5, abs=1e-3)


def test_lag_is_from_the_change_to_the_first_right_verdict() -> None:
    """Verdicts of the scene before do not count, and a change that nobody told is one."""
    part = make_script(students=1, seconds=120, seed=3)[0]
    sheet = Sheet(part.name)
    scene = part.scenes[1]
    sheet.said = [
        (scene.from_ms - 300, scene.mood.value),
        (scene.from_ms + 700, "focused"),
        (scene.from_ms + 1200, scene.mood.value),
    ]
    lag = lag_of([part], [sheet])
    assert lag.changes == len(part.scenes) - 1
    assert lag.never == lag.changes - 1
    assert lag.p50_ms == 1200
