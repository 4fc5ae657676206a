"""What a stream still has to tell its gateway, in order, at most `MAX_WAITING` answers.

When the gateway reads slowly and the box is full, the newest verdict replaces the oldest one
(the credit rule keeps this rare), and sheds of one kind become one with the highest number.
The pace is state: it is told once, in its newest form.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import replace

from inference.messages import Checkpoint, Closed, Drain, Opened, Pace, Response, Shed, Verdict

MAX_WAITING = 256  # answers; a gateway that reads at all never comes near it

Answer = Opened | Verdict | Shed | Closed | Checkpoint | Drain


class Outbox:
    """Answers of one stream, from its tasks to its writer."""

    def __init__(self) -> None:
        self._waiting: deque[Answer] = deque()
        self._pace_due = False
        self._ended = False
        self._news = asyncio.Event()
        self.replaced = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, response: Answer) -> None:
        """Add an answer; never blocks, never grows without bound."""
        if len(self._waiting) >= MAX_WAITING:
            response = self._make_room(response)
        self._waiting.append(response)
        self._news.set()

    def tell_pace(self) -> None:
        """Send a Control soon; any answer in between carries it, too."""
        self._pace_due = True
        self._news.set()

    def end(self) -> None:
        """Let the reader finish after what is in the box."""
        self._ended = True
        self._news.set()

    async def take(self, pace: Callable[[], Pace]) -> Response | None:
        """Return the next answer, the newest pace when only that is due, None at the end."""
        while True:
            if self._waiting:
                answer = self._waiting.popleft()
                if not isinstance(answer, Closed | Checkpoint | Drain):
                    self._pace_due = False  # the pace rides on it
                return answer
            if self._pace_due:
                self._pace_due = False
                return pace()
            if self._ended:
                return None
            self._news.clear()
            await self._news.wait()

    def _make_room(self, response: Answer) -> Answer:
        """Merge or drop one waiting answer so that this one fits."""
        self.replaced += 1
        for index, held in enumerate(self._waiting):
            if isinstance(response, Shed) and isinstance(held, Shed):
                merged = _merged(held, response)
                if merged is not None:
                    del self._waiting[index]
                    return merged
        oldest = next(
            (i for i, held in enumerate(self._waiting) if isinstance(held, Verdict | Shed)), 0
        )
        del self._waiting[oldest]
        return response


def _merged(held: Shed, newer: Shed) -> Shed | None:
    """Return one shed for two of the same reason and kind."""
    same_kind = (held.event_seq is None) == (newer.event_seq is None)
    if held.reason is not newer.reason or not same_kind:
        return None
    return replace(
        newer,
        frame_sequence=_highest(held.frame_sequence, newer.frame_sequence),
        event_seq=_highest(held.event_seq, newer.event_seq),
    )


def _highest(one: int | None, other: int | None) -> int | None:
    known = [value for value in (one, other) if value is not None]
    return max(known) if known else None
