"""How long to wait before the next attempt: doubling, with half of it left to chance.

Pure: the caller sleeps. 0.5 s doubling to 15 s, and 50 % either way, so that a class that was cut
off together does not come back together.
"""

from dataclasses import dataclass
from random import Random

FIRST_S = 0.5
LARGEST_S = 15.0
SPREAD = 0.5


@dataclass(slots=True)
class Backoff:
    """The attempts since the last success."""

    chance: Random
    attempts: int = 0

    def next_s(self) -> float:
        """Seconds to wait now."""
        full = min(LARGEST_S, FIRST_S * 2.0 ** min(self.attempts, 10))
        self.attempts += 1
        return full * self.chance.uniform(1 - SPREAD, 1 + SPREAD)

    def succeeded(self) -> None:
        """Start again from the shortest wait."""
        self.attempts = 0
