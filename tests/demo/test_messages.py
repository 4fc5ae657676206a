"""Player events as a browser would send them."""

from rapt.v1 import perception_pb2 as perception

from demo.messages import KINDS, beat_of, event_of
from demo.playing import Deed, Kind, Player

BEGAN_US = 1_700_000_000_000_000


def test_a_seek_says_where_it_began_and_ended() -> None:
    """Position is before, to is after."""
    player = Player(60_000).after(Deed(0, Kind.PLAY))
    event = event_of(player, Deed(8_000, Kind.SEEK, to_ms=2_000), began_us=BEGAN_US)
    assert event.kind == perception.EVENT_KIND_SEEK
    assert (event.position_ms, event.to_ms) == (8_000, 2_000)
    assert event.at_us == BEGAN_US + 8_000_000
    assert [(s.from_ms, s.to_ms) for s in event.segments] == [(0, 8_000)]


def test_a_beat_carries_everything_played() -> None:
    """Closed and open segments ride on it."""
    player = Player(60_000).after(Deed(500, Kind.PLAY)).after(Deed(3_000, Kind.HIDDEN))
    beat = beat_of(player.advanced(5_000), began_us=BEGAN_US)
    assert beat.kind == perception.EVENT_KIND_BEAT
    assert beat.player == perception.PLAYER_STATE_PLAYING
    assert [(s.from_ms, s.to_ms, s.visible) for s in beat.segments] == [
        (0, 2_500, True),
        (2_500, 4_500, False),
    ]
    assert beat.segments[1].at_us == BEGAN_US + 3_000_000


def test_every_deed_has_a_kind_on_the_wire() -> None:
    """None is left without a word."""
    assert set(KINDS) == set(Kind)
    assert perception.EVENT_KIND_UNSPECIFIED not in KINDS.values()


def test_the_end_is_said() -> None:
    """At the end of the content the player is ended, not paused."""
    player = Player(2_000).after(Deed(0, Kind.PLAY))
    event = event_of(player, Deed(2_000, Kind.ENDED), began_us=BEGAN_US)
    assert event.player == perception.PLAYER_STATE_ENDED
