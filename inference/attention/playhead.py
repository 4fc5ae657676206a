"""Where is the player, and what does it do, at any moment of the session?

Pure. Between two player events the position moves by the rate; the next event corrects it,
and the cumulative segments say exactly what was played up to it.
Events come every five seconds at least; without one for `TRUSTED_S` the player is not known.
"""

from bisect import insort
from dataclasses import dataclass, field
from itertools import pairwise

from analytics.facts import Player
from inference.attention.played import NOTHING, Played

TRUSTED_S = 12.0  # two beats of five seconds and some delay
BLURRED_S = 10.0  # a second window for longer than this counts as looking elsewhere


@dataclass(frozen=True, slots=True, order=True)
class Moment:
    """State of the player after one event."""

    at_s: float
    """On the session's clock."""
    seq: int
    position_ms: float = field(compare=False)
    player: Player = field(compare=False)
    rate: float = field(compare=False)
    """Media seconds per second while playing."""
    visible: bool = field(compare=False)
    idle: bool = field(compare=False)
    blurred: bool | None = field(compare=False, default=None)
    """Whether the window lost (True) or got (False) the focus; None = no news."""


@dataclass(frozen=True, slots=True)
class PlayedSecond:
    """What the player did in one second of the session."""

    media_ms: int
    advance_ms: int
    pass_no: int
    player: Player
    visible: bool
    idle: bool


class Playhead:
    """Folds player events; asked once per second."""

    def __init__(self, *, opened_at_us: int, length_ms: int, played: Played = NOTHING) -> None:
        self._opened_at_us = opened_at_us
        self._length_ms = length_ms or 2**32 - 1
        self._moments: list[Moment] = []
        self._blurred_since_s: float | None = None
        self._newest_seq = 0
        self.played = played

    def add(self, moment: Moment, played: Played) -> None:
        """Take an event; the segments of the highest number hold, whatever the order."""
        if moment.seq > self._newest_seq:
            self._newest_seq = moment.seq
            self.played = played
        self.place(moment)

    def place(self, moment: Moment) -> None:
        """Take an event whose segments are known."""
        insort(self._moments, moment)
        if moment.blurred is not None:
            self._blurred_since_s = moment.at_s if moment.blurred else None

    def forget(self, before_s: float) -> None:
        """Drop what only seconds before this need."""
        while len(self._moments) > 1 and self._moments[1].at_s <= before_s:
            del self._moments[0]

    def is_watchable(self, at_s: float) -> bool:
        """Whether the content plays visibly, unless it is known that it does not."""
        newest = self._moments[-1] if self._moments else None
        if newest is None or at_s - newest.at_s > TRUSTED_S:
            return True
        return newest.player is Player.PLAYING and newest.visible

    def second(self, t_s: int) -> PlayedSecond:
        """Say what the player did between `t_s` and `t_s + 1`."""
        pieces = self._pieces(float(t_s), t_s + 1.0)
        media_ms = self._position_ms(float(t_s))
        player, visible, idle = _longest(pieces) if pieces else self._from_segments(t_s)
        blurred = self._blurred_since_s is not None and (
            t_s + 1 - self._blurred_since_s > BLURRED_S
        )
        start_us = self._opened_at_us + t_s * 1_000_000
        return PlayedSecond(
            media_ms=media_ms,
            advance_ms=min(round(self._advance_ms(pieces, t_s)), 0xFFFF),
            pass_no=min(1 + self.played.passes(media_ms, start_us), 255),
            player=player,
            visible=visible and not blurred,
            idle=idle,
        )

    def _from_segments(self, t_s: int) -> tuple[Player, bool, bool]:
        """Say what a second was like that no event covers: the call was cut in it."""
        start_us = self._opened_at_us + t_s * 1_000_000
        advance_ms = self.played.advance_ms(start_us, start_us + 1_000_000)
        if not advance_ms:
            return Player.UNKNOWN, False, False
        visible_ms = self.played.advance_ms(start_us, start_us + 1_000_000, visibly=True)
        return Player.PLAYING, visible_ms * 2 >= advance_ms, False

    def _pieces(self, start_s: float, end_s: float) -> list[tuple[float, float, Moment]]:
        """Cut the span at the events in it: (start_s, end_s, state that held)."""
        pieces = []
        ends_s = [min(after.at_s, held.at_s + TRUSTED_S) for held, after in pairwise(self._moments)]
        ends_s += [held.at_s + TRUSTED_S for held in self._moments[-1:]]
        for moment, until_s in zip(self._moments, ends_s, strict=True):
            low, high = max(start_s, moment.at_s), min(end_s, until_s)
            if low < high:
                pieces.append((low, high, moment))
        return pieces

    def _position_ms(self, at_s: float) -> int:
        """Return the media position at a moment."""
        if not self._moments:
            return int(self.played.to_ms[-1]) if len(self.played) else 0
        held = self._moments[0]
        for moment in self._moments:
            if moment.at_s > at_s:
                break
            held = moment
        position_ms = held.position_ms
        if held.player is Player.PLAYING:
            moved_s = min(max(at_s - held.at_s, 0.0), TRUSTED_S)
            position_ms += moved_s * held.rate * 1000
        return round(min(max(position_ms, 0.0), self._length_ms))

    def _advance_ms(self, pieces: list[tuple[float, float, Moment]], t_s: int) -> float:
        """Return the media played: exact up to the newest event, by the rate after it."""
        exact_until_s = self._moments[-1].at_s if self._moments and len(self.played) else t_s
        exact_until_s = min(max(exact_until_s, t_s), t_s + 1.0)
        start_us = self._opened_at_us + t_s * 1_000_000
        end_us = self._opened_at_us + round(exact_until_s * 1_000_000)
        advance_ms = self.played.advance_ms(start_us, end_us) if len(self.played) else 0.0
        for low, high, moment in pieces:
            if moment.player is Player.PLAYING and high > exact_until_s:
                begun_s = max(low, exact_until_s)
                left_ms = self._length_ms - moment.position_ms
                left_ms -= (begun_s - moment.at_s) * moment.rate * 1000
                advance_ms += min((high - begun_s) * moment.rate * 1000, max(left_ms, 0.0))
        return advance_ms


def _longest(pieces: list[tuple[float, float, Moment]]) -> tuple[Player, bool, bool]:
    """Return the player state that held longest, and whether most of it was visible and idle."""
    held_s: dict[Player, float] = {}
    visible_s = idle_s = 0.0
    for low, high, moment in pieces:
        held_s[moment.player] = held_s.get(moment.player, 0.0) + high - low
        visible_s += (high - low) * moment.visible
        idle_s += (high - low) * moment.idle
    half_s = sum(held_s.values()) / 2
    longest = max(held_s, key=lambda player: held_s[player])
    return longest, visible_s >= half_s, idle_s > half_s
