"""How far does a worker step down?"""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from inference.scheduling.ladder import (
    DOWN_AFTER_S,
    EASY,
    FULL,
    LAST,
    LEVELS,
    STALE,
    UP_AFTER_S,
    Rung,
    Signs,
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


def test_each_level_asks_for_less_and_never_gives_back() -> None:
    """Frames first, then detail, then what is optional."""
    for above, below in pairwise(LEVELS):
        assert below.fps_milli <= above.fps_milli
        assert below.width_px <= above.width_px
        assert below.redetect_s >= above.redetect_s
        assert below.has_expression <= above.has_expression
    assert [terms.level for terms in LEVELS] == list(range(6))
