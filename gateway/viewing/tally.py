"""What became of the frames of one session, over all its calls and workers?

Pure. A worker counts one call; a session may have had many.
"""

from collections import Counter

from rapt.v1 import perception_pb2 as perception


class Tally:
    """Counts of one session."""

    def __init__(self) -> None:
        self._received = self._answered = 0
        self._shed: Counter[int] = Counter()

    def receive(self) -> None:
        """Count a frame from the browser."""
        self._received += 1

    def answer(self) -> None:
        """Count a verdict."""
        self._answered += 1

    def shed(self, reason: int) -> None:
        """Count a frame, an event or a message that is not used."""
        self._shed[reason] += 1

    def fill(self, closed: perception.Closed) -> None:
        """Put the counts of the session where a worker has those of its call."""
        closed.frames_received, closed.frames_answered = self._received, self._answered
        del closed.shed[:]
        closed.shed.extend(
            perception.ShedCount(reason=perception.ShedReason.ValueType(reason), count=count)
            for reason, count in sorted(self._shed.items())
        )
