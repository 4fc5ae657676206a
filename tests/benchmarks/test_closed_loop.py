"""What the accuracy benchmark compares, without a picture."""

from collections import Counter
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.accuracy import figures_of
from benchmarks.closed_loop import blinks, heads
from benchmarks.closed_loop.blinks import Blink, Blinks
from benchmarks.closed_loop.faces import Empty, Found
from benchmarks.closed_loop.heads import Axis, Bin, Gaze
from benchmarks.closed_loop.plot import draw_accuracy
from benchmarks.closed_loop.states import Lag, lag_of, states_of
from benchmarks.closed_loop.stills import Stills
from benchmarks.closed_loop.turns import RIGID, by_motion, by_places, evidence, level_yaw
from demo.script import make_script
from demo.sheet import Sheet
from inference.perception.pose import Reference

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]


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
    scene, later = part.scenes[1:3]
    sheet.said = [
        (scene.from_ms - 300, scene.mood.value),
        (scene.from_ms + 700, "focused"),
        (scene.from_ms + 1200, scene.mood.value),
        (later.from_ms + 1400, later.mood.value),
    ]
    sheet.waits = [(at_ms - 50, 50.0) for at_ms, _ in sheet.said]
    lag = lag_of([part], [sheet])
    assert lag.changes == len(part.scenes) - 1
    assert lag.never == lag.changes - 2
    assert (lag.p50_ms, lag.p95_ms, lag.max_ms) == (1200, 1400, 1400)
    assert lag.captured_p95_ms == 1350
    assert lag.said == 3


def stills() -> Stills:
    """The least that a run measures; each angle with figures of its own."""
    yaw, pitch, roll = (Axis(9, 1.0 + i, 2.0 + i, 3.0 + i, 9.0) for i in range(3))
    bins = [Bin(kind, value, 9, 1.0, yaw, pitch, roll) for kind, value in BINS]
    sizes = [Found(24, 0.0, 10, 0), Found(64, 40.0, 10, 10)]
    told = Blinks(true=4, found=5, right=3)
    return Stills(
        head=bins[0],
        gaze=Gaze(yaw, pitch),
        by_angle=[each for each in bins if each.kind == "yaw"],
        by_condition=[each for each in bins if each.kind == "blur"],
        by_size=sizes,
        by_size_in_room=sizes,
        empty=Empty(3, 0),
        blinks=told,
        clip=None,
        room=None,
        turned=[],
    )


BINS = (("plain", ""), ("yaw", "-20°"), ("yaw", "+0°"), ("yaw", "+20°"), ("blur", "3 px"))
LAG = Lag(9, 20, 0, 500.0, 1400.0, 1900.0, 0.97, 1350.0)


def test_accuracy_is_recorded_under_its_names() -> None:
    """Whoever reads the lines finds them by name, each with the figure of its own angle."""
    figures = figures_of(stills(), states_of(Counter({("away", "away"): 5})), LAG)
    expected = {
        "yaw_residual_deg": 2.0,
        "yaw_slope": 1.0,
        "pitch_mae_deg": 4.0,
        "roll_mae_deg": 5.0,
        "blink_recall": 0.75,
        "blink_precision": 0.6,
        "state_macro_f1": 0.2,
        "verdict_lag_p50_ms": 500.0,
        "verdict_lag_p95_ms": 1400.0,
    }
    assert {name: figures[name] for name in expected} == expected


def test_accuracy_is_drawn(tmp_path: Path) -> None:
    """From the figures alone, as PNG and SVG."""
    draw_accuracy(stills(), states_of(Counter({("away", "away"): 5})), folder=tmp_path)
    assert (tmp_path / "accuracy.png").read_bytes().startswith(b"\x89PNG")
    assert "<svg" in (tmp_path / "accuracy.svg").read_text()


def turning_head(yaws: F64, *, depth: float) -> tuple[F32, F32]:
    """(N, 468, 3) landmarks of a head that turns and nods, and its (468, 3) shape."""
    shape = np.random.default_rng(2).normal(0, [0.3, 0.4, 0.2], (468, 3))
    marks = []
    for number, yaw in enumerate(yaws):
        nod = 0.15 * np.sin(number)
        turn = np.array([[np.cos(yaw), 0, -np.sin(yaw)], [0, 1, 0], [np.sin(yaw), 0, np.cos(yaw)]])
        lean = np.array([[1, 0, 0], [0, np.cos(nod), -np.sin(nod)], [0, np.sin(nod), np.cos(nod)]])
        seen = 100 * (shape * [1, 1, depth]) @ (lean @ turn).T
        marks.append(seen * [1, -1, -1] + 160)
    return np.array(marks, np.float32), shape.astype(np.float32)


@given(st.floats(0.9, 1.2))
def test_turns_by_places_are_true_for_a_head_as_deep_as_the_reference(depth: float) -> None:
    """A deeper head moves its places further, and reads as turned further."""
    yaws = np.linspace(-0.3, 0.3, 21)
    marks, shape = turning_head(yaws, depth=depth)
    places = marks[:, list(RIGID), :2].astype(np.float64) * [1, -1]
    found = level_yaw(by_places(places, shape[list(RIGID)].astype(np.float64)))
    slope = float(np.polyfit(yaws, found, 1)[0])
    assert slope == pytest.approx(depth, abs=0.06)


@given(st.floats(0.6, 1.6))
def test_turns_by_motion_are_true_whatever_the_depth(depth: float) -> None:
    """Places that move against each other tell depth and turn at once."""
    yaws = np.linspace(-0.3, 0.3, 21)
    marks, shape = turning_head(yaws, depth=depth)
    places = marks[:, list(RIGID), :2].astype(np.float64) * [1, -1]
    found = by_motion(places, shape[list(RIGID)].astype(np.float64))
    assert found is not None
    assert float(np.polyfit(yaws, level_yaw(found), 1)[0]) == pytest.approx(1, abs=0.03)


def test_a_mesh_that_is_right_asks_for_no_gain() -> None:
    """Places, motion and mesh agree, and the mesh is as deep as the reference."""
    marks, shape = turning_head(np.linspace(-0.3, 0.3, 21), depth=1.0)
    reference = Reference(shape, np.ones(468, np.float32))
    told = evidence("clip", marks, reference, shape, is_one=True)
    assert told.n == 21
    assert told.gain_of_places == pytest.approx(1, abs=0.01)
    assert told.gain_of_motion == pytest.approx(1, abs=0.01)
    assert told.depth_of_mesh == pytest.approx(1, abs=0.01)
    assert evidence("class", marks, reference, shape, is_one=False).gain_of_motion is None
