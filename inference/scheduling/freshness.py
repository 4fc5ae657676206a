"""How late is a frame already when it arrives? Without comparing clocks of two machines.

The excess is this frame's (arrival - capture) minus the smallest one of the stream's last minute:
only differences cross machines, and the sliding minimum follows the drift of the clocks.
"""

from collections import deque

from rapt.deadline import Deadline

WINDOW_S = 60.0
CLOCK_STEP_S = 30.0  # a larger change is a clock that was set, not a delay


class Freshness:
    """Sliding minimum of one stream's (arrival - capture)."""

    def __init__(self) -> None:
        self._smallest: deque[tuple[float, float]] = deque()  # (arrived_s, offset_s), offsets rise

    def excess_s(self, *, arrived_s: float, captured_s: float) -> float:
        """Return the delay of this frame above the stream's usual one, seconds, >= 0."""
        offset_s = arrived_s - captured_s
        window = self._smallest
        while window and window[0][0] < arrived_s - WINDOW_S:
            window.popleft()
        if window and abs(offset_s - window[0][1]) > CLOCK_STEP_S:
            window.clear()
        while window and window[-1][1] >= offset_s:
            window.pop()
        window.append((arrived_s, offset_s))
        return offset_s - window[0][1]


def deadline_of(budget_ms: int, *, arrived_s: float, excess_s: float) -> Deadline:
    """Return until when the answer is useful: the budget, less what the way has already used."""
    return Deadline(arrived_s + budget_ms / 1000 - excess_s)
