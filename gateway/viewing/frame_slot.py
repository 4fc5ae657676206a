"""The one frame that waits for the worker, and the ones that the worker has not answered.

Pure: takes the time, never asks for it. A newer frame takes the place of the waiting one. It goes
to the worker only while fewer than the worker's credits are under way: gRPC counts bytes, and would
take many small frames that nobody reads in time.

A credit comes back with the frame's answer, with `Control.acked_sequence` when its outcome is known
and the answer still on its way, with the end of the call, or when the frame is given up: a worker
that is silent for `SLACK_S` past the frame's budget must not hold up the session.
"""

from dataclasses import dataclass

from rapt.deadline import Deadline, budget_of
from rapt.v1 import perception_pb2 as perception

FIRST_CREDITS = 1  # until the worker of a call says otherwise
MAX_CREDITS = 2  # of the contract
SLACK_S = 5.0  # a worker says at the deadline that a frame has expired, unless it is stuck


@dataclass(frozen=True, slots=True)
class _Held:
    frame: perception.Frame
    deadline: Deadline


@dataclass(slots=True)
class _UnderWay:
    sequence: int
    deadline: Deadline
    """When its answer is not waited for any more."""
    has_credit: bool = True
    """Whether it uses one."""


class FrameSlot:
    """Frames of one session between browser and worker."""

    def __init__(self) -> None:
        self._held: _Held | None = None
        self._under_way: list[_UnderWay] = []
        self._credits = FIRST_CREDITS
        self._acked = 0

    @property
    def is_due(self) -> bool:
        """Whether a frame waits, and may go to the worker."""
        return self._held is not None and self._used < self._credits

    @property
    def _used(self) -> int:
        return sum(sent.has_credit for sent in self._under_way)

    def hold(self, frame: perception.Frame, now_s: float) -> int | None:
        """Let a frame wait; return the sequence of the one that it replaced."""
        replaced = self.drop()
        self._held = _Held(frame, Deadline.after(budget_of(frame.budget_ms), now_s=now_s))
        return replaced

    def keep_to(self, control: perception.Control) -> None:
        """Take over what the worker says about credits."""
        self._credits = min(control.credits, MAX_CREDITS)
        for sent in self._under_way:
            if self._acked < sent.sequence <= control.acked_sequence:
                sent.has_credit = False
        self._acked = max(self._acked, control.acked_sequence)

    def take(self) -> perception.Frame | None:
        """Return the waiting frame: it goes to the worker now.

        Its budget stays whole. The worker takes off how much later than usual a frame comes, and
        so what it waited here; less of a budget would take that off twice.
        """
        if self._held is None or not self.is_due:
            return None
        held, self._held = self._held, None
        until = Deadline(held.deadline.at_s + SLACK_S)
        self._under_way.append(_UnderWay(held.frame.sequence, until))
        return held.frame

    def expire(self, now_s: float) -> int | None:
        """Drop the waiting frame if its answer would be stale; return its sequence."""
        if self._held is None or not self._held.deadline.is_past(now_s):
            return None
        return self.drop()

    def give_up(self, now_s: float) -> list[int]:
        """Forget the frames that the worker has had for too long; return their sequences."""
        late = [sent for sent in self._under_way if sent.deadline.is_past(now_s)]
        for sent in late:
            self._under_way.remove(sent)
        return [sent.sequence for sent in late]

    def wait_s(self, now_s: float) -> float | None:
        """Return the seconds until `expire` or `give_up` has something to do; None when never."""
        deadlines = [sent.deadline for sent in self._under_way]
        if self._held is not None:
            deadlines.append(self._held.deadline)
        return max(0.0, min(deadlines).left_s(now_s)) if deadlines else None

    def drop(self) -> int | None:
        """Forget the waiting frame; return its sequence."""
        if self._held is None:
            return None
        held, self._held = self._held, None
        return held.frame.sequence

    def answered(self, sequence: int) -> bool:
        """Note that the worker has answered a frame; False when nobody waits for that answer."""
        sent = next((sent for sent in self._under_way if sent.sequence == sequence), None)
        if sent is not None:
            self._under_way.remove(sent)
        return sent is not None

    def lose_under_way(self) -> list[int]:
        """Forget the frames that the worker has, and its credits: it will not answer them."""
        lost = [sent.sequence for sent in self._under_way]
        self._under_way.clear()
        self._credits, self._acked = FIRST_CREDITS, 0
        return lost
