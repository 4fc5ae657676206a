"""What must be stored, worked out from the script alone."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from demo.playing import Deed, Kind, played_by
from demo.script import MIN_SECONDS, Mood, Part, Scene, Way, make_script
from demo.truth import UNCERTAIN_MS, expected_mood, hidden_spans, retention, stored_interactions

LENGTH_MS = 20_000


def part_of(*deeds: Deed) -> Part:
    """Someone who does this and looks at the lesson all the time."""
    return Part(
        index=0,
        name="Somebody",
        way=Way.STEADY,
        comes_ms=0,
        deeds=deeds,
        scenes=(Scene(0, deeds[-1].at_ms, Mood.FOCUSED),),
    )


@given(st.integers(1, 20), st.integers(MIN_SECONDS, 120), st.integers(0, 500))
def test_watch_time_is_conserved(students: int, seconds: int, seed: int) -> None:
    """Absolute retention sums to the visibly played time of those who started."""
    script = make_script(students=students, seconds=seconds, seed=seed)
    truth = retention(script, seconds * 1000)
    played_ms = sum(
        piece.to_ms - piece.from_ms
        for part in script
        for piece in played_by(part.deeds, seconds * 1000).played()
        if piece.visible
    )
    assert sum(truth.played_ms) == played_ms
    assert truth.starts == students


@given(st.integers(1, 20), st.integers(MIN_SECONDS, 120), st.integers(0, 500))
def test_unique_never_exceeds_absolute_nor_everyone(students: int, seconds: int, seed: int) -> None:
    """Nobody covers a second more than once."""
    truth = retention(make_script(students=students, seconds=seconds, seed=seed), seconds * 1000)
    for unique_ms, played_ms in zip(truth.unique_ms, truth.played_ms, strict=True):
        assert 0 <= unique_ms <= min(played_ms, 1000 * truth.starts)
    assert all(0 <= share <= 1 for share in truth.unique())


def test_part_seconds_count_by_their_part() -> None:
    """Half a second watched is half a second covered."""
    truth = retention([part_of(Deed(0, Kind.PLAY), Deed(2_500, Kind.CLOSE))], LENGTH_MS)
    assert truth.unique()[:4] == [1.0, 1.0, 0.5, 0.0]


def test_hidden_play_and_impressions_count_nowhere() -> None:
    """A hidden page covers nothing, and less than a second is no start."""
    hidden = part_of(
        Deed(0, Kind.PLAY),
        Deed(2_000, Kind.HIDDEN),
        Deed(4_000, Kind.VISIBLE),
        Deed(6_000, Kind.CLOSE),
    )
    glance = part_of(Deed(0, Kind.PLAY), Deed(900, Kind.CLOSE))
    truth = retention([hidden, glance], LENGTH_MS)
    assert truth.starts == 1
    assert truth.unique()[:6] == [1.0, 1.0, 0.0, 0.0, 1.0, 1.0]


def test_rewatching_counts_in_absolute_only() -> None:
    """A second seen twice is two plays and one cover."""
    part = part_of(Deed(0, Kind.PLAY), Deed(3_000, Kind.SEEK, to_ms=1_000), Deed(5_000, Kind.CLOSE))
    truth = retention([part], LENGTH_MS)
    assert truth.unique()[:3] == [1.0, 1.0, 1.0]
    assert truth.absolute()[:3] == [1.0, 2.0, 2.0]


@given(st.integers(0, 11), st.integers(0, 60_000))
def test_a_second_is_expected_only_away_from_every_change(index: int, from_ms: int) -> None:
    """Within a second and a half of a change the script says nothing."""
    part = make_script(students=12, seconds=60)[index]
    mood = expected_mood(part, from_ms, from_ms + 1_000)
    low, high = from_ms - UNCERTAIN_MS, from_ms + 1_000 + UNCERTAIN_MS
    seen = {s.mood for s in part.scenes if s.from_ms < high and low < s.to_ms}
    if mood is not None:
        assert seen == {mood}
        assert low >= 0
        assert high <= part.ends_ms


def test_a_hidden_page_expects_nothing() -> None:
    """The camera sends nothing then."""
    part = next(p for p in make_script(students=7, seconds=60) if p.way is Way.HIDES)
    (low, high), *_ = hidden_spans(part)
    assert expected_mood(part, low + 1_600, low + 2_600) is None
    assert high > low


def test_every_deed_is_an_interaction() -> None:
    """Nothing that a student does is left out."""
    script = make_script(students=3, seconds=60)
    shorter = replace(script[0], deeds=script[0].deeds[:-1])
    assert stored_interactions([shorter]) == stored_interactions(script[:1]) - 1
