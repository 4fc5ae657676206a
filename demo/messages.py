"""A player at one moment as the message that a browser would send."""

from rapt.v1 import perception_pb2 as perception

from demo.playing import Deed, Kind, Player

KINDS = {
    Kind.OPEN: perception.EVENT_KIND_OPEN,
    Kind.CAMERA_ON: perception.EVENT_KIND_CAMERA_ON,
    Kind.PLAY: perception.EVENT_KIND_PLAY,
    Kind.PAUSE: perception.EVENT_KIND_PAUSE,
    Kind.SEEK: perception.EVENT_KIND_SEEK,
    Kind.RATE: perception.EVENT_KIND_RATE,
    Kind.HIDDEN: perception.EVENT_KIND_HIDDEN,
    Kind.VISIBLE: perception.EVENT_KIND_VISIBLE,
    Kind.ENDED: perception.EVENT_KIND_ENDED,
    Kind.CLOSE: perception.EVENT_KIND_CLOSE,
}


def event_of(before: Player, deed: Deed, *, began_us: int) -> perception.PlayerEvent:
    """Make the event of a deed.

    Args:
        before: the player up to the deed.
        deed: what is done.
        began_us: when the student's clock began, microseconds since 1970.
    """
    event = _event(before.after(deed), KINDS[deed.kind], began_us)
    event.position_ms = before.advanced(deed.at_ms).position_ms
    if deed.kind is Kind.RATE:
        event.value = deed.rate_pct / 100
    return event


def beat_of(player: Player, *, began_us: int) -> perception.PlayerEvent:
    """Make the event that only carries what was played."""
    return _event(player, perception.EVENT_KIND_BEAT, began_us)


def _event(
    player: Player, kind: perception.EventKind.ValueType, began_us: int
) -> perception.PlayerEvent:
    return perception.PlayerEvent(
        kind=kind,
        at_us=began_us + player.at_ms * 1000,
        position_ms=player.position_ms,
        to_ms=player.position_ms,
        player=_state_of(player),
        rate_pct=player.rate_pct,
        visible=player.is_visible,
        segments=[
            perception.Segment(
                from_ms=piece.from_ms,
                to_ms=piece.to_ms,
                rate_pct=piece.rate_pct,
                visible=piece.visible,
                at_us=began_us + piece.begun_ms * 1000,
            )
            for piece in player.played()
        ],
    )


def _state_of(player: Player) -> perception.PlayerState.ValueType:
    if player.is_ended:
        return perception.PLAYER_STATE_ENDED
    return perception.PLAYER_STATE_PLAYING if player.is_playing else perception.PLAYER_STATE_PAUSED
