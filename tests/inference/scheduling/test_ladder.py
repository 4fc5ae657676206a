"""How far does a worker step down?"""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.scheduling.ladder import (
    DOWN_AFTER_S,
    EASY,
    FULL,
    LAST,
    LOWEST_FPS_MILLI,
    STALE,
    UP_AFTER_S,
    Rung,
    Signs,
    levels_of,
    step,
)

TROUBLE = (Signs(STALE - 0.01, 0.5), Signs(1.0, FULL + 0.01))
EASE, BETWEEN = Signs(1.0, EASY - 0.1), Signs(1.0, (EASY + FULL) / 2)

signs = st.builds(Signs, fresh_share=st.floats(0.9, 1), load=st.floats(0, 2))
histories = st.lists(st.tuples(signs, st.floats(0.1, 20)), max_size=80)


def climb(history: list[tuple[Signs, float]], rung: Rung = Rung()) -> list[Rung]:  # noqa: B008  # frozen
    """Return the rung after each sign, which came so many seconds after the one before."""
    rungs, now_s = [rung], 0.0
    for sign, after_s in history:
        now_s += after_s
        rungs.append(step(rungs[-1], sign, now_s))
    return rungs


@given(histories)
def test_one_level_at_a_time_and_within_the_ladder(history: list[tuple[Signs, float]]) -> None:
    """Whatever the signs."""
    rungs = climb(history)
    assert all(abs(after.level - before.level) <= 1 for before, after in pairwise(rungs))
    assert all(0 <= rung.level <= LAST for rung in rungs)


def test_two_seconds_of_trouble_are_one_step_down() -> None:
    """Stale streams or too much to do; less than two seconds are nothing."""
    for sign in TROUBLE:
        rungs = climb([(sign, 0.5)] * 5)
        assert [rung.level for rung in rungs] == [0, 0, 0, 0, 0, 1]
    assert climb([(TROUBLE[0], DOWN_AFTER_S / 2), (EASE, 0.1)] * 20)[-1].level == 0


def test_half_a_minute_of_ease_is_one_step_up() -> None:
    """And it begins again with each interruption."""
    assert climb([(EASE, 1.0)] * 31, Rung(3))[-1].level == 2
    assert climb([(EASE, UP_AFTER_S - 2), (BETWEEN, 1.0)] * 20, Rung(3))[-1].level == 3


def test_between_trouble_and_ease_nothing_changes() -> None:
    """So the ladder does not swing."""
    assert {rung.level for rung in climb([(BETWEEN, 1.0)] * 500, Rung(2))} == {2}


@given(st.integers(LOWEST_FPS_MILLI, 10_000), st.booleans())
def test_each_level_asks_for_less_and_never_gives_back(
    fps_milli: int,
    has_reuse: bool,  # noqa: FBT001  # hypothesis gives it by place
) -> None:
    """Frames first, then detail, then what is optional; all ladders end alike."""
    levels = levels_of(fps_milli, has_reuse=has_reuse)
    for above, below in pairwise(levels):
        assert below.fps_milli <= above.fps_milli
        assert below.width_px <= above.width_px
        assert below.redetect_s >= above.redetect_s
        assert below.has_expression <= above.has_expression
    assert [terms.level for terms in levels] == list(range(LAST + 1))
    assert levels[0].fps_milli == fps_milli
    assert levels[LAST].fps_milli == LOWEST_FPS_MILLI
    assert {terms.has_reuse for terms in levels} == {has_reuse}


@pytest.mark.parametrize(
    ("fps", "rates"),
    [
        pytest.param(2, [2, 1, 0.5, 0.5, 0.5, 0.5], id="as it is without a setting"),
        pytest.param(5, [5, 2, 1, 0.5, 0.5, 0.5], id="five"),
        pytest.param(8, [8, 5, 2, 1, 0.5, 0.5], id="enough for blinks"),
        pytest.param(2.1, [2.1, 1, 0.5, 0.5, 0.5, 0.5], id="a step of a twentieth is none"),
        pytest.param(0.5, [0.5] * 6, id="the lowest"),
    ],
)
def test_rates_fall_by_a_half_or_so(fps: float, rates: list[float]) -> None:
    """From whatever the operator chose."""
    assert [terms.fps_milli / 1000 for terms in levels_of(round(1000 * fps))] == rates
