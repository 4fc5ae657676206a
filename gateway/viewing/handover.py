"""What the next worker of a session must know, should this one die or drain.

Pure. A second of a session is on disk two or three seconds after it is over. Until then a worker
alone knows what it saw in it, so the gateway keeps it, too: the verdicts in few bytes and the
acknowledged player events, from the first second on that is not on disk. With them the next worker
writes what the last one could not. None of it is passed on to a browser.
"""

from collections import deque

from rapt.limits import MAX_GLANCES, MAX_KEPT_EVENTS, MAX_STATE_BYTES
from rapt.v1 import perception_pb2 as perception


class Handover:
    """Of one session, over all its calls."""

    def __init__(self, opened_at_us: int) -> None:
        self._opened_at_us = opened_at_us
        self._state = b""
        self._written: perception.Written | None = None
        self._glances: deque[perception.Glance] = deque(maxlen=MAX_GLANCES)
        self._events: deque[perception.PlayerEvent] = deque(maxlen=MAX_KEPT_EVENTS)

    def saw_verdict(self, verdict: perception.Verdict) -> None:
        """Take out of a verdict what is not for browsers."""
        if verdict.HasField("glance"):
            glance = perception.Glance()
            glance.CopyFrom(verdict.glance)
            self._glances.append(glance)
            verdict.ClearField("glance")

    def saw_control(self, control: perception.Control) -> None:
        """Take out of a pace what is not for browsers; forget what is on disk now."""
        if not control.HasField("written"):
            return
        self._written = perception.Written()
        self._written.CopyFrom(control.written)
        control.ClearField("written")
        until_s = self._written.until_s
        while self._glances and self._glances[0].at_ms < until_s * 1000:
            self._glances.popleft()
        until_us = self._opened_at_us + until_s * 1_000_000
        while len(self._events) > 1 and self._events[1].at_us <= until_us:
            self._events.popleft()

    def saw_checkpoint(self, checkpoint: perception.Checkpoint) -> None:
        """Keep the newest state."""
        if len(checkpoint.state) <= MAX_STATE_BYTES:
            self._state = checkpoint.state

    def settled(self, event: perception.PlayerEvent) -> None:
        """Keep an event that is safe; what it says was played is kept elsewhere."""
        kept = perception.PlayerEvent()
        kept.CopyFrom(event)
        kept.ClearField("segments")
        self._events.append(kept)

    def fill(self, opening: perception.Open) -> None:
        """Tell the next worker."""
        opening.state = self._state
        if self._written is not None:
            opening.written.CopyFrom(self._written)
            opening.glances.extend(self._glances)
            opening.events.extend(self._events)
