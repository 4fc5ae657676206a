"""One student as the wall shows them: state, attention, flags, and how long it has been so.

Pure: takes the time, never asks for it. Six bytes a seat on the wire, as `viewing.proto` says.
"""

import struct
from collections import deque
from dataclasses import dataclass, replace

from rapt.v1 import perception_pb2 as perception

CAMERA_ON, HAND_UP, TAB_HIDDEN, LEFT = 1, 2, 4, 8
NO_ATTENTION = 255
TRAILING_S = 15.0  # of the mean that the pulse is made of
STALE_S = 5.0  # after this long without a verdict nothing is known any more
HAND_S = 60.0  # a hand stays up this long

_PACKED = struct.Struct(">HBBBB")


@dataclass(frozen=True, slots=True)
class SeatNow:
    """A seat at one moment."""

    seat: int
    state: int = perception.STATE_UNKNOWN
    flags: int = 0
    attention_pct: int = NO_ATTENTION
    """0..100, or 255 for none."""
    probability_pct: int = 0
    in_state_s: int = 0
    """Whole seconds, at most 255."""


def gone(seat: int) -> SeatNow:
    """Return the seat of someone who left."""
    return SeatNow(seat, flags=LEFT)


def pack(seats: list[SeatNow]) -> bytes:
    """Return six bytes for each seat."""
    return b"".join(
        _PACKED.pack(
            now.seat,
            now.state << 4 | now.flags,
            now.attention_pct,
            now.probability_pct,
            now.in_state_s,
        )
        for now in seats
    )


def unpack(telemetry: bytes) -> list[SeatNow]:
    """Return the seats of packed telemetry."""
    return [
        SeatNow(seat, state >> 4, state & 15, attention, probability, in_state_s)
        for seat, state, attention, probability, in_state_s in _PACKED.iter_unpack(telemetry)
    ]


class LiveSeat:
    """What is known of one student who is here."""

    def __init__(self, seat: int, *, now_s: float) -> None:
        self._now = SeatNow(seat)
        self._since_s = now_s
        self._verdict_at_s = -STALE_S
        self._attention: deque[tuple[float, float]] = deque()
        self._camera_until_s = -1.0
        self._hand_until_s = -1.0
        self._is_hidden = False

    def saw_frame(self, now_s: float) -> None:
        """The camera is on."""
        self._camera_until_s = now_s + STALE_S

    def saw_verdict(self, verdict: perception.Verdict, now_s: float) -> None:
        """Something was said about the student."""
        has_attention = verdict.HasField("attention")
        if has_attention:
            self._attention.append((now_s, verdict.attention))
        self._verdict_at_s = now_s
        self._become(
            verdict.state,
            attention_pct=_percent(verdict.attention) if has_attention else NO_ATTENTION,
            probability_pct=_percent(verdict.probability),
            now_s=now_s,
        )

    def saw_event(self, event: perception.PlayerEvent, now_s: float) -> None:
        """The student or the page did something."""
        self._is_hidden = not event.visible
        if event.kind == perception.EVENT_KIND_HAND:
            self._hand_until_s = now_s + HAND_S
        if event.kind == perception.EVENT_KIND_CAMERA_OFF:
            self._camera_until_s = now_s

    def at(self, now_s: float) -> SeatNow:
        """Return what the wall shows now."""
        if now_s - self._verdict_at_s >= STALE_S:
            self._become(
                perception.STATE_UNKNOWN, attention_pct=NO_ATTENTION, probability_pct=0, now_s=now_s
            )
        flags = CAMERA_ON * (now_s < self._camera_until_s)
        flags |= HAND_UP * (now_s < self._hand_until_s)
        flags |= TAB_HIDDEN * self._is_hidden
        in_state_s = min(255, max(0, int(now_s - self._since_s)))
        return replace(self._now, flags=flags, in_state_s=in_state_s)

    def trailing_attention(self, now_s: float) -> float | None:
        """Return the mean attention of the last seconds, 0..1; None when none was measured."""
        while self._attention and self._attention[0][0] <= now_s - TRAILING_S:
            self._attention.popleft()
        if not self._attention:
            return None
        return sum(value for _, value in self._attention) / len(self._attention)

    def _become(
        self, state: int, *, attention_pct: int, probability_pct: int, now_s: float
    ) -> None:
        if state != self._now.state:
            self._since_s = now_s
        self._now = replace(
            self._now, state=state, attention_pct=attention_pct, probability_pct=probability_pct
        )


def _percent(share: float) -> int:
    # NaN compares false, so it becomes 0 like everything below.
    return round(min(1.0, share) * 100) if share > 0 else 0
