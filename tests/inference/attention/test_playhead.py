"""Where is the player, and what does it do?"""

import pytest

from analytics.facts import Player
from inference.attention.played import NOTHING, Played
from inference.attention.playhead import TRUSTED_S, Moment, Playhead

US = 1_000_000


def a_moment(at_s: float, seq: int, position_ms: float, **changes: object) -> Moment:
    """Return a moment of a visible page that plays at normal speed."""
    values: dict[str, object] = {
        "player": Player.PLAYING,
        "rate": 1.0,
        "visible": True,
        "idle": False,
    }
    return Moment(at_s, seq, position_ms, **(values | changes))  # type: ignore[arg-type]  # by name


def test_between_events_the_position_moves_by_the_rate() -> None:
    """Double speed: two media seconds a second."""
    playhead = Playhead(opened_at_us=0, length_ms=0)
    playhead.add(a_moment(1.5, 1, 10_000, rate=2.0), NOTHING)
    seconds = [playhead.second(t_s) for t_s in range(4)]
    assert [s.media_ms for s in seconds] == [10_000, 10_000, 11_000, 13_000]
    assert [s.advance_ms for s in seconds] == [0, 1000, 2000, 2000]
    assert [s.player for s in seconds] == [Player.UNKNOWN, *[Player.PLAYING] * 3]


def test_a_pause_stops_it_and_a_seek_moves_it() -> None:
    """The state that held longest is the state of the second."""
    playhead = Playhead(opened_at_us=0, length_ms=0)
    playhead.add(a_moment(0.0, 1, 0), NOTHING)
    playhead.add(a_moment(1.25, 2, 1250, player=Player.PAUSED), NOTHING)
    playhead.add(a_moment(3.0, 3, 30_000, player=Player.PAUSED), NOTHING)
    seconds = [playhead.second(t_s) for t_s in range(4)]
    assert [s.media_ms for s in seconds] == [0, 1000, 1250, 30_000]
    assert [s.advance_ms for s in seconds] == [1000, 250, 0, 0]
    assert [s.player for s in seconds] == [Player.PLAYING, *[Player.PAUSED] * 3]


def test_nothing_plays_past_the_end() -> None:
    """The position stops at the length of the content."""
    playhead = Playhead(opened_at_us=0, length_ms=2500)
    playhead.add(a_moment(0.0, 1, 1000), NOTHING)
    assert [playhead.second(t_s).advance_ms for t_s in range(4)] == [1000, 500, 0, 0]
    assert playhead.second(3).media_ms == 2500


def test_without_events_the_player_is_not_believed_for_long() -> None:
    """A frozen tab does not play for hours."""
    playhead = Playhead(opened_at_us=0, length_ms=0)
    playhead.add(a_moment(0.0, 1, 0), NOTHING)
    trusted = int(TRUSTED_S)
    assert playhead.second(trusted - 1).advance_ms == 1000
    assert playhead.second(trusted).advance_ms == 0
    assert playhead.second(trusted).player is Player.UNKNOWN


def test_segments_are_exact_up_to_the_newest_event() -> None:
    """The media stalled without saying so; the segments of the beat know."""
    playhead = Playhead(opened_at_us=0, length_ms=0)
    playhead.add(a_moment(0.0, 1, 0), NOTHING)
    playhead.add(a_moment(5.0, 2, 3000), Played.of([(0, 3000, 100, 1, 0)]))
    assert [playhead.second(t_s).advance_ms for t_s in range(7)] == [1000] * 3 + [0] * 2 + [
        1000
    ] * 2


def test_a_cut_is_filled_from_the_segments() -> None:
    """No event covers the second, but the next event's segments do."""
    playhead = Playhead(opened_at_us=0, length_ms=0)
    played = Played.of([(0, 20_000, 100, 1, 0)])
    playhead.add(a_moment(20.0, 9, 20_000), played)
    second = playhead.second(17)
    assert (second.advance_ms, second.player, second.visible) == (1000, Player.PLAYING, True)


@pytest.mark.parametrize(
    ("blurred_at_s", "is_visible"),
    [pytest.param(4.0, True, id="short blur"), pytest.param(-1.0, False, id="long blur")],
)
def test_a_long_blur_makes_a_second_invisible(blurred_at_s: float, *, is_visible: bool) -> None:
    """A second window for more than ten seconds."""
    playhead = Playhead(opened_at_us=0, length_ms=0)
    playhead.add(a_moment(blurred_at_s, 1, 0, blurred=True), NOTHING)
    assert playhead.second(9).visible is is_visible
    playhead.add(a_moment(10.0, 2, 0, blurred=False), NOTHING)
    assert playhead.second(10).visible


def test_hidden_and_idle_go_by_most_of_the_second() -> None:
    """Hidden for 0.75 of it is hidden; idle for 0.25 of it is not idle."""
    playhead = Playhead(opened_at_us=0, length_ms=0)
    playhead.add(a_moment(0.0, 1, 0), NOTHING)
    playhead.add(a_moment(1.25, 2, 1250, visible=False), NOTHING)
    playhead.add(a_moment(1.75, 3, 1750, visible=False, idle=True), NOTHING)
    assert not playhead.second(1).visible
    assert not playhead.second(1).idle
    assert playhead.second(2).idle


def test_forgetting_keeps_what_later_seconds_need() -> None:
    """The state before the second is still known."""
    playhead = Playhead(opened_at_us=0, length_ms=0)
    for seq in range(1, 6):
        playhead.add(a_moment(seq, seq, seq * 1000), NOTHING)
    before = [playhead.second(t_s) for t_s in (4, 5, 6)]
    playhead.forget(4.0)
    assert [playhead.second(t_s) for t_s in (4, 5, 6)] == before


@pytest.mark.parametrize(
    ("changes", "is_watchable"),
    [
        ({}, True),
        ({"player": Player.PAUSED}, False),
        ({"player": Player.ENDED}, False),
        ({"visible": False}, False),
    ],
)
def test_there_is_something_to_watch_while_it_plays_visibly(
    changes: dict[str, object],
    is_watchable: bool,  # noqa: FBT001 - a column of the table
) -> None:
    """Nothing is learned of a person before a pause or a hidden page; without news one watches."""
    playhead = Playhead(opened_at_us=0, length_ms=0)
    assert playhead.is_watchable(0.5)
    playhead.add(a_moment(1.0, 1, 0, **changes), NOTHING)
    assert playhead.is_watchable(2.0) is is_watchable
    assert playhead.is_watchable(1.0 + TRUSTED_S + 0.1)
