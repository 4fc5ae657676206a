"""How do frames wait elsewhere? The shapes of other servers' queues, reduced to their rule.

Each is asked when the device is free. None knows when a frame was captured, which is the point:
their clocks start at arrival.
"""

from collections import deque

from benchmarks.simulated.loads import LARGEST, frame_times
from inference.scheduling.simulate import Arrival, Taken

DELAY_S = 0.010


class Fifo:
    """First in, first out, after a delay for company: Triton's shape.

    Args:
        timeout_s: frames that waited longer are dropped (Triton's queue timeout); None = never.
        most_waiting: a newest frame beyond it is refused; None = never.
        limit_s: the first frame is dropped when a prediction says that it will be older than this
            (BentoML's shape); None = never.
    """

    def __init__(
        self,
        *,
        timeout_s: float | None = None,
        most_waiting: int | None = None,
        limit_s: float | None = None,
    ) -> None:
        self._timeout_s = timeout_s
        self._most_waiting = most_waiting
        self._limit_s = limit_s
        self._waiting: deque[Arrival] = deque()

    def put(self, frame: Arrival) -> None:
        """Take a frame in, or refuse it."""
        if self._most_waiting is None or len(self._waiting) < self._most_waiting:
            self._waiting.append(frame)

    def take(self, now_s: float) -> Taken:
        """Give the oldest frames, once they are many or have waited."""
        while self._waiting and self._is_dropped(self._waiting[0], now_s):
            self._waiting.popleft()
        if not self._waiting:
            return Taken()
        due_s = self._waiting[0].at_s + DELAY_S
        if len(self._waiting) < LARGEST and now_s < due_s:
            return Taken(wake_s=due_s)
        size = min(LARGEST, len(self._waiting))
        return Taken([self._waiting.popleft() for _ in range(size)], size)

    def ran(self, taken: Taken, *, started_s: float, run_s: float) -> None:
        """Learn nothing."""

    def _is_dropped(self, frame: Arrival, now_s: float) -> bool:
        waited_s = now_s - frame.at_s
        if self._timeout_s is not None and waited_s > self._timeout_s:
            return True
        run_s = frame_times(min(len(self._waiting), LARGEST))
        is_late = self._limit_s is not None and waited_s + run_s >= self._limit_s
        return is_late and len(self._waiting) > 1


class EarlyBinding:
    """Batches are formed on arrival, whether or not the device is free: Ray Serve's shape."""

    def __init__(self) -> None:
        self._forming: list[Arrival] = []
        self._formed: deque[list[Arrival]] = deque()

    def put(self, frame: Arrival) -> None:
        """Add a frame to the batch that is being formed."""
        self._close(frame.at_s)
        self._forming.append(frame)
        if len(self._forming) == LARGEST:
            self._formed.append(self._forming)
            self._forming = []

    def take(self, now_s: float) -> Taken:
        """Give the oldest batch."""
        self._close(now_s)
        if self._formed:
            batch = self._formed.popleft()
            return Taken(batch, len(batch))
        return Taken(wake_s=self._forming[0].at_s + DELAY_S if self._forming else None)

    def ran(self, taken: Taken, *, started_s: float, run_s: float) -> None:
        """Learn nothing."""

    def _close(self, now_s: float) -> None:
        if self._forming and now_s >= self._forming[0].at_s + DELAY_S:
            self._formed.append(self._forming)
            self._forming = []


class Shrinking:
    """Ours with another rule for the bucket: pad up, shrink to the oldest deadline."""

    def __init__(self, buckets: tuple[int, ...]) -> None:
        self._buckets = buckets
        self._waiting: dict[int, Arrival] = {}
        self._served_at_s: dict[int, float] = {}

    def put(self, frame: Arrival) -> None:
        """Let the newest frame of a stream wait."""
        self._served_at_s.setdefault(frame.stream, frame.at_s)
        self._waiting[frame.stream] = frame

    def take(self, now_s: float) -> Taken:
        """Pad up; leave out the oldest until the padded run is in time for everyone."""
        alone_s = now_s + frame_times(1)
        self._waiting = {s: f for s, f in self._waiting.items() if alone_s <= f.deadline_s}
        members = sorted(self._waiting.values(), key=self._turn)[: self._buckets[-1]]
        while len(members) > 1:
            oldest = min(members, key=lambda frame: frame.captured_s)
            if now_s + frame_times(self._padded(len(members))) <= oldest.deadline_s:
                break
            members.remove(oldest)
        for frame in members:
            del self._waiting[frame.stream]
        return Taken(members, self._padded(len(members)) if members else 0)

    def ran(self, taken: Taken, *, started_s: float, run_s: float) -> None:
        """Note who was served when."""
        for frame in taken.batch:
            self._served_at_s[frame.stream] = started_s + run_s

    def _turn(self, frame: Arrival) -> tuple[float, float]:
        return self._served_at_s[frame.stream], frame.captured_s

    def _padded(self, frames: int) -> int:
        return next(bucket for bucket in self._buckets if bucket >= frames)
