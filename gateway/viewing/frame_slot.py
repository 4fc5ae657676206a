"""The one frame that waits for the worker, and the ones that the worker has not answered.

Pure: takes the time, never asks for it. A newer frame takes the place of the waiting one.
"""

from dataclasses import dataclass

from rapt.deadline import Deadline, budget_of
from rapt.v1 import perception_pb2 as perception

MAX_UNDER_WAY = 64  # a browser keeps to two; beyond, the oldest is forgotten


@dataclass(frozen=True, slots=True)
class _Held:
    frame: perception.Frame
    deadline: Deadline


class FrameSlot:
    """Frames of one session between browser and worker."""

    def __init__(self) -> None:
        self._held: _Held | None = None
        self._under_way: dict[int, None] = {}  # sequences at the worker, in order

    def hold(self, frame: perception.Frame, now_s: float) -> int | None:
        """Let a frame wait; return the sequence of the one that it replaced."""
        replaced = self.drop()
        self._held = _Held(frame, Deadline.after(budget_of(frame.budget_ms), now_s=now_s))
        return replaced

    def expire(self, now_s: float) -> int | None:
        """Drop the waiting frame if its answer would be stale; return its sequence."""
        if self._held is None or not self._held.deadline.is_past(now_s):
            return None
        return self.drop()

    def take(self, now_s: float) -> perception.Frame | None:
        """Return the waiting frame with what is left of its budget: it goes to the worker now."""
        if self._held is None:
            return None
        held, self._held = self._held, None
        held.frame.budget_ms = max(1, round(held.deadline.left_s(now_s) * 1000))
        self._under_way[held.frame.sequence] = None
        if len(self._under_way) > MAX_UNDER_WAY:
            del self._under_way[next(iter(self._under_way))]
        return held.frame

    def drop(self) -> int | None:
        """Forget the waiting frame; return its sequence."""
        if self._held is None:
            return None
        held, self._held = self._held, None
        return held.frame.sequence

    def answered(self, sequence: int) -> None:
        """The worker has answered a frame."""
        self._under_way.pop(sequence, None)

    def lose_under_way(self) -> list[int]:
        """Forget the frames that the worker has, because it will not answer them."""
        lost = list(self._under_way)
        self._under_way.clear()
        return lost
