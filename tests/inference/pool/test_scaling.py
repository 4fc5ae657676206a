"""How many workers there should be."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.pool.scaling import (
    EASY_FOR_S,
    SHORT_FOR_S,
    Limits,
    Signs,
    Trend,
    is_easy,
    is_short,
    wanted,
)

LIMITS = Limits(min_workers=1, max_workers=8)
WELL = Signs(ready=2, warming=0, fresh_share=1.0, age_p95_s=0.1, load=0.6, refused=0)

signs = st.builds(
    Signs,
    ready=st.integers(0, 12),
    warming=st.integers(0, 3),
    fresh_share=st.floats(0, 1),
    age_p95_s=st.floats(0, 5),
    load=st.floats(0, 1),
    refused=st.integers(0, 3),
    waiting=st.integers(0, 2),
)


def watched(looks: list[Signs], limits: Limits = LIMITS) -> list[int]:
    """Return what is wanted at each look, one a second."""
    trend, numbers = Trend(), []
    for second, look in enumerate(looks):
        trend, number = wanted(trend, look, limits, float(second))
        numbers.append(number)
    return numbers


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"fresh_share": 0.9}, id="answers are missing"),
        pytest.param({"age_p95_s": 1.2}, id="answers are late"),
        pytest.param({"load": 0.95}, id="the devices have no time left"),
        pytest.param({"refused": 1}, id="openings are refused"),
    ],
)
def test_a_shortage_that_lasts_brings_a_worker(change: dict[str, float]) -> None:
    """A hiccup does not."""
    short = replace(WELL, **change)  # type: ignore[arg-type]  # numbers, by name
    numbers = watched([short] * (int(SHORT_FOR_S) + 1))
    assert numbers == [2] * int(SHORT_FOR_S) + [3]
    assert watched([short, WELL] * 20) == [2] * 40


def test_ease_that_lasts_takes_a_worker_away() -> None:
    """Only if one fewer would still be at ease; and never the last one."""
    easy = replace(WELL, load=0.1)
    assert watched([easy] * (int(EASY_FOR_S) + 1))[-2:] == [2, 1]
    assert set(watched([replace(easy, load=0.4)] * 200)) == {2}
    assert set(watched([replace(easy, ready=1)] * 200)) == {1}


def test_a_worker_that_warms_up_is_waited_for() -> None:
    """Or a shortage would bring one more each second until the first is ready."""
    short = replace(WELL, fresh_share=0.5)
    warming = replace(short, warming=1)
    assert watched([short] * 6 + [warming] * 100)[5:] == [3] * 101


def test_a_worker_without_room_brings_no_other_and_leaves_at_ease() -> None:
    """Another one would have no room either; the last one may not go for its sake."""
    waiting = replace(WELL, ready=1, waiting=1)
    assert set(watched([replace(waiting, fresh_share=0.5)] * 200)) == {2}
    assert watched([waiting] * (int(EASY_FOR_S) + 1))[-2:] == [2, 1]


def test_a_large_pool_grows_faster() -> None:
    """By a quarter of what it has."""
    short = replace(WELL, ready=8, load=1.0)
    assert watched([short] * 6, Limits(min_workers=1, max_workers=32))[-1] == 10


@given(st.lists(signs, max_size=50), st.integers(1, 4), st.integers(4, 10))
def test_the_limits_hold(looks: list[Signs], least: int, most: int) -> None:
    """Whatever the signs say."""
    limits = Limits(min_workers=least, max_workers=most)
    assert all(least <= number <= most for number in watched(looks, limits))


@given(signs)
def test_no_pool_is_short_and_at_ease(look: Signs) -> None:
    """So it never swings between two sizes at one load."""
    assert not (is_short(look) and is_easy(look))


@given(st.integers(1, 8), st.floats(0, 1))
def test_a_pool_does_not_swing(ready: int, load: float) -> None:
    """A worker that was taken away is not missed at the same load, spread over fewer."""
    look = replace(WELL, ready=ready, load=load)
    if is_easy(look):
        assert not is_short(replace(look, ready=ready - 1, load=load * ready / (ready - 1)))
