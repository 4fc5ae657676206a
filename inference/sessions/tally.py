"""What became of everything a stream received? Always received = answered + shed + held."""

from collections import Counter

from inference.messages import Shed, ShedReason


class Tally:
    """Counts of one Observe call."""

    def __init__(self) -> None:
        self.frames_received = 0
        self.frames_answered = 0
        self.frames_held = 0
        self.frames_shed: Counter[ShedReason] = Counter()
        self.other_shed: Counter[ShedReason] = Counter()
        self.acked_sequence = 0

    def count_shed(self, shed: Shed) -> None:
        """Count an answer that is not a verdict."""
        if shed.frame_sequence is None:
            self.other_shed[shed.reason] += 1
        else:
            self.frames_shed[shed.reason] += 1
            self.acked_sequence = max(self.acked_sequence, shed.frame_sequence)

    def count_answered(self, sequence: int) -> None:
        """Count a verdict."""
        self.frames_answered += 1
        self.acked_sequence = max(self.acked_sequence, sequence)

    @property
    def is_conserved(self) -> bool:
        """Whether every received frame has exactly one outcome or is held."""
        outcomes = self.frames_answered + self.frames_shed.total()
        return self.frames_received == outcomes + self.frames_held

    def shed(self) -> tuple[tuple[ShedReason, int], ...]:
        """Return all counts by reason."""
        return tuple(sorted((self.frames_shed + self.other_shed).items()))
