"""The schedule of frames."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.load.schedule import (
    LONGEST_REST_S,
    SHORTEST_WAY_S,
    Scenario,
    Share,
    captures,
    due_frames,
)

scenarios = st.builds(
    Scenario,
    seconds=st.floats(0.5, 5),
    warm_up_s=st.floats(0, 2),
    seed=st.integers(0, 1000),
    fps=st.floats(0.5, 30),
    streams=st.integers(1, 20),
)


@given(scenarios)
def test_every_stream_captures_at_its_rate_until_the_end(scenario: Scenario) -> None:
    """Phases differ, periods do not, and the measured part is full of frames."""
    captured, _ = captures(scenario)
    assert np.allclose(np.diff(captured, axis=1), 1 / scenario.fps)
    assert (captured[:, 0] >= 0).all()
    assert (captured[:, 0] < 1 / scenario.fps).all()
    assert (captured[:, -1] + 1 / scenario.fps > scenario.end_s).all()


@given(scenarios)
def test_the_way_takes_as_long_as_stated_and_keeps_the_order(scenario: Scenario) -> None:
    """A frame never leaves before its capture nor before the frame ahead of it."""
    captured, leaves = captures(scenario)
    assert (leaves - captured >= SHORTEST_WAY_S - 1e-9).all()
    assert (np.diff(leaves, axis=1) >= 0).all()
    alone = leaves - captured <= SHORTEST_WAY_S + LONGEST_REST_S + 1e-9
    waits = np.zeros_like(alone)
    waits[:, 1:] = np.isclose(leaves[:, 1:], leaves[:, :-1])
    assert (alone | waits).all()


@given(scenarios, st.integers(1, 4))
def test_processes_share_the_frames_without_a_gap(scenario: Scenario, of: int) -> None:
    """Together they send what one alone would, each in the order of leaving."""
    parts = [due_frames(scenario, Share(first, of)) for first in range(of)]
    assert all(part == sorted(part) for part in parts)
    assert sorted(frame for part in parts for frame in part) == due_frames(scenario, Share())


def test_the_same_seed_is_the_same_schedule() -> None:
    """And another seed is another one."""
    one = Scenario(seconds=1, warm_up_s=0, seed=1, streams=3)
    assert due_frames(one, Share()) == due_frames(one, Share())
    other = Scenario(seconds=1, warm_up_s=0, seed=2, streams=3)
    assert due_frames(one, Share()) != due_frames(other, Share())
