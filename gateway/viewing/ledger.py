"""Which player events are safe, and which must be sent again.

Pure. An event waits here from its arrival until a worker has it on disk, so that a worker that
dies loses none. `acked` is the highest number below which every event is settled: safe, or
refused for good.
"""

from collections import deque
from collections.abc import Callable
from enum import Enum, auto

from rapt.v1 import perception_pb2 as perception

MAX_WAITING_BYTES = 16 * 1024 * 1024  # of one session; a lesson's worth of events, many times
_SEGMENT_BYTES = 64  # that a segment takes in memory, however short it is on the wire


class Offer(Enum):
    """What became of an event that came in."""

    TAKEN = auto()
    """It is new; it will be sent and acknowledged."""
    WAITING = auto()
    """It is here already; its acknowledgement will come."""
    SETTLED = auto()
    """It was settled before; acknowledge again."""
    FULL = auto()
    """There is no room; refuse it."""


class EventLedger:
    """The player events of one session that are not settled yet."""

    def __init__(self, *, limit: int) -> None:
        self._limit = limit
        self._waiting: dict[int, perception.PlayerEvent] = {}
        self._waiting_bytes = 0
        self._unsent: deque[int] = deque()
        self._settled: set[int] = set()  # above `acked`, because one below is still waiting
        self._put_off: set[int] = set()  # waiting, and not at the worker
        self._acked = 0
        self._segments: list[perception.Segment] = []
        self.on_settled: Callable[[perception.PlayerEvent], None] | None = None
        """Called with each event that is safe."""

    @property
    def acked(self) -> int:
        """Highest number below which every event is settled."""
        return self._acked

    @property
    def waiting(self) -> int:
        """How many events are not settled."""
        return len(self._waiting)

    @property
    def has_unsent(self) -> bool:
        """Whether an event has not been handed to the worker of this call."""
        return bool(self._unsent)

    @property
    def segments(self) -> list[perception.Segment]:
        """Played segments as the last acknowledged event told them."""
        return self._segments

    def start_above(self, seq: int) -> None:
        """Go on after a number that an earlier gateway has settled; only before the first event."""
        if not self._waiting and not self._settled:
            self._acked = max(self._acked, seq)

    def offer(self, event: perception.PlayerEvent) -> Offer:
        """Take an event in, once."""
        if event.seq <= self._acked or event.seq in self._settled:
            return Offer.SETTLED
        if event.seq in self._put_off:
            self._put_off.discard(event.seq)
            self._unsent.append(event.seq)
            return Offer.TAKEN
        if event.seq in self._waiting:
            return Offer.WAITING
        if len(self._waiting) >= self._limit or self._waiting_bytes > MAX_WAITING_BYTES:
            return Offer.FULL
        self._waiting[event.seq] = event
        self._waiting_bytes += _size_of(event)
        self._unsent.append(event.seq)
        return Offer.TAKEN

    def try_again(self) -> None:
        """Send what was refused for now once more, because the browser will not say it again."""
        self._unsent.extend(sorted(self._put_off))
        self._put_off.clear()

    def refuse(self, seq: int, *, for_now: bool = False) -> None:
        """Settle one event that will not be used; for now: keep it, it may be said again."""
        if for_now:
            self._put_off |= {seq} & self._waiting.keys()
            return
        self._settle(seq)
        if seq > self._acked and len(self._settled) < self._limit:
            self._settled.add(seq)  # beyond the limit it is refused again when it comes again
        self._advance()

    def acknowledge(self, acked_seq: int) -> None:
        """Settle every event up to a number, as the worker said."""
        if acked_seq <= self._acked:
            return
        for seq in self._waiting_up_to(acked_seq):
            event = self._settle(seq)
            if event is not None and event.segments:
                self._segments = list(event.segments)
            if event is not None and self.on_settled is not None:
                self.on_settled(event)
        self._settled = {seq for seq in self._settled if seq > acked_seq}
        self._acked = acked_seq
        self._advance()

    def next_unsent(self) -> perception.PlayerEvent | None:
        """Return the next event to hand to the worker; it stays here until it is settled."""
        while self._unsent:
            event = self._waiting.get(self._unsent.popleft())
            if event is not None:
                return event
        return None

    def send_again(self) -> None:
        """Begin anew with everything that is not settled, because the call was cut."""
        self._unsent = deque(sorted(self._waiting))
        self._put_off.clear()

    def _settle(self, seq: int) -> perception.PlayerEvent | None:
        event = self._waiting.pop(seq, None)
        self._put_off.discard(seq)
        if event is not None:
            self._waiting_bytes -= _size_of(event)
        return event

    def _waiting_up_to(self, seq: int) -> list[int]:
        if seq - self._acked <= len(self._waiting):
            return [n for n in range(self._acked + 1, seq + 1) if n in self._waiting]
        return sorted(n for n in self._waiting if n <= seq)

    def _advance(self) -> None:
        while self._acked + 1 in self._settled:
            self._acked += 1
            self._settled.discard(self._acked)


def _size_of(event: perception.PlayerEvent) -> int:
    return event.ByteSize() + _SEGMENT_BYTES * len(event.segments)
