"""Positions and segments of a scripted player."""

from hypothesis import given
from hypothesis import strategies as st

from demo.playing import Deed, Kind, Player, played_by

LENGTH_MS = 60_000
MOVES = (Kind.PLAY, Kind.PAUSE, Kind.SEEK, Kind.RATE, Kind.HIDDEN, Kind.VISIBLE)


@st.composite
def deeds(draw: st.DrawFn) -> tuple[Deed, ...]:
    """Any sequence of deeds on whole tenths of a second."""
    at_ms = 0
    done = []
    for _ in range(draw(st.integers(0, 15))):
        at_ms += 100 * draw(st.integers(0, 120))
        done.append(
            Deed(
                at_ms,
                draw(st.sampled_from(MOVES)),
                to_ms=100 * draw(st.integers(0, LENGTH_MS // 100)),
                rate_pct=draw(st.sampled_from((50, 75, 100, 125, 150, 200))),
            )
        )
    return tuple(done)


@given(deeds(), st.integers(0, 600))
def test_played_time_is_wall_time_at_the_rate(done: tuple[Deed, ...], more: int) -> None:
    """A piece never holds more media than its rate allows, and less only at the end."""
    until_ms = (done[-1].at_ms if done else 0) + 100 * more
    player = played_by(done, LENGTH_MS, until_ms=until_ms)
    begins = [piece.begun_ms for piece in player.pieces] + [until_ms]
    for piece, next_ms in zip(player.pieces, begins[1:], strict=True):
        assert 0 <= piece.from_ms <= piece.to_ms <= LENGTH_MS
        most_ms = (next_ms - piece.begun_ms) * piece.rate_pct // 100
        assert piece.to_ms - piece.from_ms <= most_ms


@given(deeds())
def test_advancing_in_steps_or_at_once_is_the_same(done: tuple[Deed, ...]) -> None:
    """Beats do not change what was played."""
    at_once = played_by(done, LENGTH_MS)
    stepped = Player(LENGTH_MS)
    for deed in done:
        while deed.at_ms - stepped.at_ms > 1_000:
            stepped = stepped.advanced(stepped.at_ms + 1_000)
        stepped = stepped.after(deed)
    assert stepped == at_once


@given(deeds())
def test_a_paused_player_stands_still(done: tuple[Deed, ...]) -> None:
    """After a pause no time moves the position."""
    last_ms = done[-1].at_ms if done else 0
    paused = played_by((*done, Deed(last_ms, Kind.PAUSE)), LENGTH_MS)
    assert paused.advanced(last_ms + 10_000).position_ms == paused.position_ms


def test_a_rewind_is_two_pieces_that_overlap() -> None:
    """What is seen again is in two pieces."""
    done = (
        Deed(0, Kind.PLAY),
        Deed(10_000, Kind.SEEK, to_ms=4_000),
        Deed(15_000, Kind.CLOSE),
    )
    pieces = played_by(done, LENGTH_MS).played()
    assert [(piece.from_ms, piece.to_ms) for piece in pieces] == [(0, 10_000), (4_000, 9_000)]


def test_playing_stops_at_the_end() -> None:
    """The position never passes the length."""
    player = played_by((Deed(0, Kind.PLAY),), LENGTH_MS, until_ms=2 * LENGTH_MS)
    assert player.is_ended
    assert player.position_ms == LENGTH_MS
