"""What a player does when it is told to: positions and exact segments, in whole milliseconds.

Pure. A player is a value; `advanced` lets time pass and `after` does a deed. Deeds fall on whole
tenths of a second and speeds are whole percents, so positions are whole milliseconds.
"""

from dataclasses import dataclass, replace
from enum import Enum

NORMAL_PCT = 100


class Kind(Enum):
    """What a student does with the player or the page."""

    OPEN = "open"
    CAMERA_ON = "camera_on"
    PLAY = "play"
    PAUSE = "pause"
    SEEK = "seek"
    RATE = "rate"
    HIDDEN = "hidden"
    VISIBLE = "visible"
    ENDED = "ended"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing done at one time."""

    at_ms: int
    """Since the student came, whole tenths of a second."""
    kind: Kind
    to_ms: int = 0
    """Where a seek goes, media milliseconds."""
    rate_pct: int = NORMAL_PCT
    """The new speed of RATE."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One contiguous played interval."""

    from_ms: int
    to_ms: int
    rate_pct: int
    visible: bool
    begun_ms: int
    """When it began, since the student came."""


@dataclass(frozen=True, slots=True)
class Player:
    """A player at one moment."""

    length_ms: int
    at_ms: int = 0
    position_ms: int = 0
    rate_pct: int = NORMAL_PCT
    is_playing: bool = False
    is_visible: bool = True
    pieces: tuple[Piece, ...] = ()
    """Closed and open, in order of playing; the open one ends where the player is."""

    @property
    def is_ended(self) -> bool:
        """Whether the end is reached."""
        return self.position_ms >= self.length_ms

    def advanced(self, at_ms: int) -> "Player":
        """The same player later; it stops at the end of the content."""
        if not self.is_playing:
            return replace(self, at_ms=at_ms)
        played_ms = (at_ms - self.at_ms) * self.rate_pct // NORMAL_PCT
        position_ms = min(self.position_ms + played_ms, self.length_ms)
        open_piece = replace(self.pieces[-1], to_ms=position_ms)
        return replace(
            self, at_ms=at_ms, position_ms=position_ms, pieces=(*self.pieces[:-1], open_piece)
        )

    def after(self, deed: Deed) -> "Player":
        """The player once the deed is done; where speed, place or page change, a piece begins."""
        now = self.advanced(deed.at_ms)
        match deed.kind:
            case Kind.PLAY:
                now = replace(now, is_playing=True)
            case Kind.PAUSE | Kind.ENDED | Kind.CLOSE:
                return replace(now, is_playing=False)
            case Kind.SEEK:
                now = replace(now, position_ms=deed.to_ms)
            case Kind.RATE:
                now = replace(now, rate_pct=deed.rate_pct)
            case Kind.HIDDEN:
                now = replace(now, is_visible=False)
            case Kind.VISIBLE:
                now = replace(now, is_visible=True)
            case Kind.OPEN | Kind.CAMERA_ON:
                return now
        return now.with_new_piece() if now.is_playing else now

    def played(self) -> tuple[Piece, ...]:
        """The pieces that are longer than nothing."""
        return tuple(piece for piece in self.pieces if piece.to_ms > piece.from_ms)

    def with_new_piece(self) -> "Player":
        """The same player, about to play from here."""
        piece = Piece(
            self.position_ms, self.position_ms, self.rate_pct, self.is_visible, self.at_ms
        )
        return replace(self, pieces=(*self.pieces, piece))


def played_by(deeds: tuple[Deed, ...], length_ms: int, *, until_ms: int | None = None) -> Player:
    """Return the player after all deeds up to a moment, or after all of them."""
    player = Player(length_ms)
    for deed in deeds:
        if until_ms is not None and deed.at_ms > until_ms:
            break
        player = player.after(deed)
    return player if until_ms is None else player.advanced(max(until_ms, player.at_ms))
