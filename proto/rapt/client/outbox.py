"""What one session sends next: events kept until acknowledged, the newest frame, the last word.

Pure: no clock, no socket. `viewing` feeds it and sends what it gives.

Events are numbered from 1 and kept until the server says that they are safe; after a cut
connection, or after a refusal that may be tried again, they are given again from the first one that
is not safe. A frame waits in a slot of one: a newer frame takes its place, and the replaced one is
counted, never sent.
"""

from collections import deque
from dataclasses import dataclass, field

from rapt.errors import Unavailable
from rapt.v1 import perception_pb2 as perception
from rapt.v1 import viewing_pb2 as viewing

MAX_EVENTS = 2000
"""Unacknowledged events kept: more than two hours of a busy player, with segments a few
megabytes."""

STALL_S = 2.0
"""Without an answer for this long, the frames under way are given up and the newest is sent."""

PATIENCE_S = 5.0
"""How long the goodbye waits for the last events to be safe: a refused one may be sent again."""

AGAIN_S = 1.0
"""Pause before a refused event is sent again."""


@dataclass(slots=True)
class Outbox:
    """The sending side of one session, across all its connections."""

    pace: perception.Control = field(default_factory=perception.Control)
    """The newest word of the server about pace."""
    frames_sent: int = 0
    frames_unsent: int = 0
    """Frames replaced by a newer one before there was room to send them."""
    _events: deque[perception.PlayerEvent] = field(default_factory=deque)
    _next_seq: int = 1
    _given_seq: int = 0
    """Highest event given to the present connection."""
    _again_at_s: float | None = None
    _frame: perception.Frame | None = None
    _next_frame: int = 1
    _under_way: dict[int, float] = field(default_factory=dict)
    """Frames without an answer: number and when each was given."""
    _close: perception.ExitReason.ValueType | None = None
    _close_given: bool = False
    _close_by_s: float | None = None
    """When the goodbye is said even if events are not safe yet."""

    def tell(self, event: perception.PlayerEvent) -> int:
        """Number the event, keep it, and return its number.

        Raises:
            Unavailable: too many events wait for the server.
        """
        if len(self._events) >= MAX_EVENTS:
            raise Unavailable(f"{MAX_EVENTS} player events wait for the server")
        event.seq = self._next_seq
        self._next_seq += 1
        self._events.append(event)
        return event.seq

    def offer(self, frame: perception.Frame) -> None:
        """Put the frame in the slot, in place of one that was not sent."""
        if self._frame is not None:
            self.frames_unsent += 1
        self._frame = frame

    def close(self, reason: perception.ExitReason.ValueType) -> None:
        """Say the last word after every event; a frame in the slot stays unsent."""
        self._close = reason
        if self._frame is not None:
            self.frames_unsent += 1
            self._frame = None

    @property
    def waiting_events(self) -> int:
        """How many events are not yet safe."""
        return len(self._events)

    def connected(self, welcome: viewing.Welcome) -> None:
        """Start over on a new connection: give every event that is not safe again."""
        self._under_way.clear()
        self._close_given = False
        self._close_by_s = None
        self._again_at_s = None
        self._next_seq = max(self._next_seq, welcome.acked_event_seq + 1)
        self._given_seq = welcome.acked_event_seq
        self._acked(welcome.acked_event_seq)
        if welcome.HasField("control"):
            self._paced(welcome.control)

    def answered(self, message: viewing.ServerMessage, now_s: float) -> None:
        """Take what the server said into account."""
        match message.WhichOneof("message"):
            case "verdict":
                self._under_way.pop(message.verdict.sequence, None)
                if message.verdict.HasField("control"):
                    self._paced(message.verdict.control)
            case "shed":
                self._shed(message.shed, now_s)
            case "control":
                self._paced(message.control)
            case _:
                pass

    def take(self, now_s: float) -> viewing.ClientMessage | None:
        """Return the next message, or None if there is nothing to send now."""
        if self._again_at_s is None or now_s >= self._again_at_s:
            self._again_at_s = None
            for event in self._events:
                if event.seq > self._given_seq:
                    self._given_seq = event.seq
                    return viewing.ClientMessage(player_event=event)
            if self._close is not None and self._may_close(now_s):
                self._close_given = True
                return viewing.ClientMessage(close=perception.Close(reason=self._close))
        if self._frame is None or not self._has_room(now_s):
            return None
        frame, self._frame = self._frame, None
        frame.sequence = self._next_frame
        self._under_way[frame.sequence] = now_s
        self._next_frame += 1
        self.frames_sent += 1
        return viewing.ClientMessage(frame=frame)

    def wait_s(self, now_s: float) -> float | None:
        """Seconds until `take` may have more without news, or None if only news can help."""
        ends = [end for end in (self._again_at_s, self._close_by_s) if end is not None]
        if self._frame is not None and self._under_way:
            ends.append(max(self._under_way.values()) + STALL_S)
        return max(0.0, min(ends) - now_s) if ends else None

    def _may_close(self, now_s: float) -> bool:
        """Whether the goodbye's time has come: once, after every event is safe or long enough."""
        if self._close_given:
            return False
        if self._close_by_s is None and self._events:
            self._close_by_s = now_s + PATIENCE_S
        is_time = not self._events or (self._close_by_s is not None and now_s >= self._close_by_s)
        if is_time:
            self._close_by_s = None
        return is_time

    def _has_room(self, now_s: float) -> bool:
        if self._under_way and now_s >= max(self._under_way.values()) + STALL_S:
            self._under_way.clear()
        return len(self._under_way) < self.pace.credits

    def _shed(self, shed: perception.Shed, now_s: float) -> None:
        if shed.HasField("control"):
            self._paced(shed.control)
        if shed.WhichOneof("subject") == "frame_sequence":
            self._under_way.pop(shed.frame_sequence, None)
        elif shed.WhichOneof("subject") == "event_seq" and is_retryable(shed.reason):
            self._given_seq = min(self._given_seq, shed.event_seq - 1)
            self._again_at_s = now_s + AGAIN_S

    def _paced(self, control: perception.Control) -> None:
        self.pace = control
        for sequence in [s for s in self._under_way if s <= control.acked_sequence]:
            del self._under_way[sequence]
        self._acked(control.acked_event_seq)

    def _acked(self, seq: int) -> None:
        while self._events and self._events[0].seq <= seq:
            self._events.popleft()


def is_retryable(reason: perception.ShedReason.ValueType) -> bool:
    """Whether the same event may succeed later: there was no room for it, it was not wrong."""
    return perception.ShedReason.Name(reason).startswith("SHED_REASON_REFUSED_")
