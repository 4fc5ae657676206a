"""How much of the last minute were the lids closed, and how often did they blink?

PERCLOS is a share of frames, so it is unbiased at any rate; it needs `MIN_FRAMES`. A blink lasts a
tenth to four tenths of a second, so blinks are only counted where eight frames a second or more
show them. Lids lowered over a desk are neither open nor closed: they count for no share.

A minute is remembered as `BUCKETS` buckets of five seconds, so it takes a few dozen numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from inference.attention.lids import LidPosition, Lids

WINDOW_S = 60.0
BUCKETS = 12
BUCKET_S = WINDOW_S / BUCKETS
PERCLOS_BELOW = 0.2
"""Eyes are closed to four fifths: the usual definition."""
MIN_FRAMES = 60
MIN_FPS = 8.0
MIN_WATCHED_S = 20.0
"""A rate per minute needs this much of it."""
MAX_GAP_S = 0.3
"""Frames further apart show no blink between them."""

SHUT_BELOW, OPEN_FROM = 0.5, 0.6
"""A blink begins below the one openness and ends at the other: half a blink is no second one."""
MAX_BLINK_S = 0.5
"""Lids that stay shut for longer do not blink, they are closed."""
ASLEEP_S = 1.0
"""Lids that were closed for so long are still closed when the head sinks."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """What the eyes did in five seconds, or in all buckets together."""

    number: int = 0
    frames: int = 0
    closed: int = 0
    blinks: int = 0
    watched_s: float = 0.0
    """Time between frames that were close enough to see a blink."""


@dataclass(frozen=True, slots=True)
class Eyelids:
    """The last minute of somebody's lids."""

    buckets: tuple[Bucket, ...] = ()
    """Oldest first."""
    minute: Bucket = Bucket()
    """All of them."""
    shut_since_s: float | None = None
    """Since when the lids have been shut, as a blink counts it."""
    closed_since_s: float | None = None
    """Since when they have read as closed."""

    def were_closed(self, now_s: float) -> bool:
        """Whether the lids had been closed for a while when this frame was taken."""
        return self.closed_since_s is not None and now_s - self.closed_since_s >= ASLEEP_S

    @property
    def perclos(self) -> float | None:
        """Share of frames with closed lids, 0..1; None of too few frames."""
        minute = self.minute
        return minute.closed / minute.frames if minute.frames >= MIN_FRAMES else None

    @property
    def blinks_per_minute(self) -> float | None:
        """None where too few frames came to see blinks."""
        minute = self.minute
        if minute.watched_s < MIN_WATCHED_S or minute.frames < MIN_FPS * minute.watched_s:
            return None
        return 60 * minute.blinks / minute.watched_s

    def after(self, lids: Lids | None, now_s: float, since_s: float) -> "Eyelids":
        """The lids after one more frame.

        Args:
            lids: of this frame, None when the eyes could not be read.
            now_s: when it was taken.
            since_s: seconds since the frame before.
        """
        if lids is None:
            return Eyelids(self.buckets, self.minute)
        is_close = since_s <= MAX_GAP_S
        shut_since_s, has_blinked = self._blink(lids, now_s, is_close=is_close)
        if lids.position is LidPosition.LOWERED:
            return Eyelids(self.buckets, self.minute, shut_since_s)
        closed_since_s = None
        if lids.position is LidPosition.CLOSED:
            closed_since_s = now_s if self.closed_since_s is None else self.closed_since_s
        buckets, minute = self.buckets, self.minute
        number = int(now_s // BUCKET_S)
        if not buckets or buckets[-1].number != number:
            kept = [old for old in buckets if number - BUCKETS < old.number < number]
            buckets, minute = (*kept, Bucket(number)), _sum(kept)
        seen = (lids.openness < PERCLOS_BELOW, has_blinked, since_s if is_close else 0.0)
        buckets = (*buckets[:-1], _counted(buckets[-1], *seen))
        return Eyelids(buckets, _counted(minute, *seen), shut_since_s, closed_since_s)

    def _blink(self, lids: Lids, now_s: float, *, is_close: bool) -> tuple[float | None, bool]:
        """Since when the lids are shut, and whether a blink has just ended."""
        began_s = self.shut_since_s if is_close else None
        if lids.openness < SHUT_BELOW or lids.position >= LidPosition.LOWERED:
            return (now_s if began_s is None else began_s), False
        if began_s is None or lids.openness < OPEN_FROM:
            return began_s, False
        return None, now_s - began_s <= MAX_BLINK_S


def _counted(bucket: Bucket, is_closed: bool, has_blinked: bool, watched_s: float) -> Bucket:  # noqa: FBT001  counted, not switched
    return Bucket(
        bucket.number,
        bucket.frames + 1,
        bucket.closed + is_closed,
        bucket.blinks + has_blinked,
        bucket.watched_s + watched_s,
    )


def _sum(buckets: Sequence[Bucket]) -> Bucket:
    return Bucket(
        0,
        sum(bucket.frames for bucket in buckets),
        sum(bucket.closed for bucket in buckets),
        sum(bucket.blinks for bucket in buckets),
        sum(bucket.watched_s for bucket in buckets),
    )
