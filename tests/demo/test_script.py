"""The script of a class, whatever its size and seed."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo.playing import Kind, played_by
from demo.script import BETWEEN_MS, FIRST_FOCUSED_MS, MIN_SECONDS, Mood, Part, Way, make_script

scripts = st.builds(
    make_script,
    students=st.integers(1, 30),
    seconds=st.integers(MIN_SECONDS, 300),
    seed=st.integers(0, 1000),
)


@given(scripts)
def test_scenes_cover_every_moment_once(script: tuple[Part, ...]) -> None:
    """There is no gap and no overlap from coming to going."""
    for part in script:
        edges = [0, *(scene.to_ms for scene in part.scenes)]
        assert [scene.from_ms for scene in part.scenes] == edges[:-1]
        assert edges[-1] == part.ends_ms
        assert all(scene.from_ms < scene.to_ms for scene in part.scenes)


@given(scripts)
def test_attention_is_lost_and_found_with_time_between(script: tuple[Part, ...]) -> None:
    """Two losses never touch, and everyone begins focused."""
    for part in script:
        focused = [scene for scene in part.scenes if scene.mood is Mood.FOCUSED]
        assert part.scenes[0].to_ms >= min(FIRST_FOCUSED_MS, part.ends_ms)
        assert all(scene.to_ms - scene.from_ms >= BETWEEN_MS for scene in focused)
        moods = [scene.mood for scene in part.scenes]
        assert all(one is not other for one, other in pairwise(moods))


@given(scripts)
def test_deeds_are_in_order_from_open_to_close(script: tuple[Part, ...]) -> None:
    """The first deed opens, the last closes, and times never go back."""
    for part in script:
        times = [deed.at_ms for deed in part.deeds]
        assert times == sorted(times)
        assert all(at_ms % 100 == 0 for at_ms in times)
        assert part.deeds[0].kind is Kind.OPEN
        assert [deed.kind for deed in part.deeds].count(Kind.CLOSE) == 1
        assert part.deeds[-1].kind is Kind.CLOSE


@given(st.integers(1, 30), st.integers(MIN_SECONDS, 300), st.integers(0, 1000))
def test_whoever_is_told_to_have_ended_has_reached_the_end(
    students: int, seconds: int, seed: int
) -> None:
    """ENDED stands exactly where the content is over."""
    for part in make_script(students=students, seconds=seconds, seed=seed):
        player = played_by(part.deeds, seconds * 1000)
        assert player.is_ended == part.is_completed


@given(scripts)
def test_nobody_shares_a_name(script: tuple[Part, ...]) -> None:
    """The wall can tell everyone apart."""
    assert len({part.name for part in script}) == len(script)


def test_the_same_seed_gives_the_same_class() -> None:
    """A demo can be repeated."""
    assert make_script(students=12, seconds=60, seed=7) == make_script(
        students=12, seconds=60, seed=7
    )
    assert make_script(students=12, seconds=60, seed=7) != make_script(
        students=12, seconds=60, seed=8
    )


def test_a_usual_class_shows_every_mood_and_every_way() -> None:
    """Twelve students for a minute leave nothing out."""
    script = make_script(students=12, seconds=60)
    assert {part.way for part in script} == set(Way)
    assert {scene.mood for part in script for scene in part.scenes} == set(Mood)


def test_too_small_a_class_is_refused() -> None:
    """Nothing could happen in it."""
    with pytest.raises(ValueError, match="a class has a student"):
        make_script(students=0, seconds=60)
