"""Is a player event true enough to keep? Numbers, clock, position, segments, rate.

Pure: the caller brings the time. An event that breaks a rule is refused alone; its number counts
as settled, so that the acknowledgement can pass it.
"""

import math

import numpy as np
from rapt.limits import MAX_CLOCK_ERROR_S, MAX_RATE_PCT, MAX_SEGMENTS
from rapt.rate import TokenBucket

from inference.attention.played import Played
from inference.messages import PlayerEvent, Shed, ShedReason

_CLOCK_ERROR_US = MAX_CLOCK_ERROR_S * 1_000_000
_CLOCK_JITTER_US = 100_000  # the device measures its offset again and again
_POSITION_SLACK_MS = 1000  # players overshoot the end
_SEGMENT_SLACK_MS = 1000  # a beat and the media clock never agree to the millisecond
_EVENTS_PER_S = 50.0
_BURST = 200.0
_SEGMENTS_PER_TOKEN = 1000  # reading so many costs about as much as an event


class EventNumbers:
    """Up to which number everything that came is safe on disk or refused.

    Events come in increasing order, because a stream keeps the order. So a missing number is one
    that was refused before it came here, and nobody waits for it; a number that is not above the
    highest has come before, unless it was given back.
    """

    def __init__(self, acked: int) -> None:
        self._highest = acked
        self._open: dict[int, bool] = {}
        """Taken and not settled, in increasing order; True for those given back."""

    @property
    def acked(self) -> int:
        """Highest number below which nothing is open."""
        return next(iter(self._open), self._highest + 1) - 1

    def take(self, seq: int) -> bool:
        """Take a number; False when it was taken before."""
        is_new = seq > self._highest
        if is_new or self._open.get(seq, False):
            self._highest = max(self._highest, seq)
            self._open[seq] = False
            return True
        return False

    def give_back(self, seq: int) -> None:
        """Let a number be sent again: a fault of ours lost the event."""
        self._open[seq] = True

    def settle(self, seq: int) -> None:
        """Note that the event is safe or refused."""
        self._open.pop(seq, None)


class EventGate:
    """Rules on the events of one session, in order of arrival."""

    def __init__(self, *, acked: int, opened_at_us: int, length_ms: int) -> None:
        self.numbers = EventNumbers(acked)
        self._opened_at_us = opened_at_us
        self._length_ms = length_ms
        self._newest_at_us = self._newest_seq = 0
        self._bucket = TokenBucket(per_s=_EVENTS_PER_S, burst=_BURST)

    def new_call(self) -> None:
        """Let events that were under way when the call was cut come again."""
        self._newest_at_us = self._newest_seq = 0

    def rule(self, event: PlayerEvent, *, now_us: int, now_s: float) -> Shed | None:
        """Return why the event is refused, or None to keep it. Its number is taken by then.

        Args:
            event: in order of arrival.
            now_us: microseconds since 1970; somebody may set that clock.
            now_s: monotonic, for the rate.
        """
        cost = 1 + len(event.played) / _SEGMENTS_PER_TOKEN
        if not self._bucket.take(now_s, cost=cost):
            detail = f"more than {_EVENTS_PER_S:.0f} events a second; send fewer"
            return Shed(ShedReason.REFUSED_RATE, detail, event_seq=event.seq)
        is_next = event.seq > self._newest_seq  # one that comes again is older than the newest
        newest_at_us = self._newest_at_us if is_next else 0
        fault = (
            _wrong_position(event, self._length_ms)
            or _wrong_time(event, now_us=now_us, newest_at_us=newest_at_us)
            or _wrong_segments(event, opened_at_us=self._opened_at_us, length_ms=self._length_ms)
        )
        if fault is not None:
            reason, detail = fault
            return Shed(reason, detail, event_seq=event.seq)
        self._newest_at_us = max(event.at_us, self._newest_at_us)
        self._newest_seq = max(event.seq, self._newest_seq)
        return None


_Fault = tuple[ShedReason, str]


def _wrong_position(event: PlayerEvent, length_ms: int) -> _Fault | None:
    reason = ShedReason.REJECTED_EVENT_POSITION
    limit_ms = (length_ms or 2**32 - 1 - _POSITION_SLACK_MS) + _POSITION_SLACK_MS
    for name, value in (("position_ms", event.position_ms), ("to_ms", event.to_ms)):
        if not math.isfinite(value):
            return reason, f"{name} is not a number"
        if not 0 <= value <= limit_ms:
            return reason, f"{name} is {value:.0f}, outside 0..{limit_ms}"
    if not math.isfinite(event.value):
        return reason, "value is not a number"
    return None


def _wrong_time(event: PlayerEvent, *, now_us: int, newest_at_us: int) -> _Fault | None:
    reason = ShedReason.REJECTED_EVENT_TIME
    ahead_us = event.at_us - now_us
    if abs(ahead_us) > _CLOCK_ERROR_US:
        where = "ahead of" if ahead_us > 0 else "behind"
        return reason, f"at_us is {abs(ahead_us) // 1_000_000} s {where} the server's clock"
    if event.at_us < newest_at_us - _CLOCK_JITTER_US:
        return reason, f"at_us is {newest_at_us - event.at_us} µs before the event before it"
    return None


def _wrong_segments(event: PlayerEvent, *, opened_at_us: int, length_ms: int) -> _Fault | None:
    detail = wrong_segments(
        event.played, at_us=event.at_us, opened_at_us=opened_at_us, length_ms=length_ms
    )
    return (ShedReason.REJECTED_EVENT_SEGMENTS, detail) if detail else None


def wrong_segments(played: Played, *, at_us: int, opened_at_us: int, length_ms: int) -> str | None:
    """Return how segments that were true at `at_us` contradict the clock or themselves."""
    if not len(played):
        return None
    oldest_us, newest_us = opened_at_us - _CLOCK_ERROR_US, at_us + _SEGMENT_SLACK_MS * 1000
    could_play_ms = (at_us - played.at_us) * played.rate_pct // 100_000 + _SEGMENT_SLACK_MS
    end_ms = length_ms + _POSITION_SLACK_MS if length_ms else 2**32
    rate_pct, began_us = played.rate_pct, played.at_us
    faults = (
        (len(played) > MAX_SEGMENTS, f"{len(played)} segments, at most {MAX_SEGMENTS}"),
        (
            bool((rate_pct < 1).any() or (rate_pct > MAX_RATE_PCT).any()),
            f"a segment's rate is outside 1..{MAX_RATE_PCT} percent",
        ),
        (bool((played.from_ms > played.to_ms).any()), "a segment ends before it begins"),
        (
            int(played.to_ms.max()) > end_ms,
            f"a segment ends past the content's end, {length_ms} ms",
        ),
        (
            int(began_us.min()) < oldest_us or int(began_us.max()) > newest_us,
            "a segment begins before the session or after the event",
        ),
        (
            bool((np.diff(began_us) < -_SEGMENT_SLACK_MS * 1000).any()),
            "the segments are not in order of playing",
        ),
        (
            bool((played.lengths_ms() > could_play_ms).any()),
            "a segment is longer than the clock allows",
        ),
    )
    return next((detail for is_wrong, detail in faults if is_wrong), None)
