"""How long to wait before the next attempt: doubling, with half of it left to chance.

The caller sleeps. Chance moves a wait 50 % either way, so that those who were cut off together do
not come back together.
"""

from dataclasses import dataclass, field
from random import Random

SPREAD = 0.5
_MOST_DOUBLINGS = 30  # far beyond any longest wait


@dataclass(slots=True, kw_only=True)
class Backoff:
    """The attempts since the last success; without numbers, those of a browser."""

    first_s: float = 0.5
    longest_s: float = 15.0
    """Both before chance."""
    chance: Random = field(default_factory=Random)
    attempts: int = 0

    def next_s(self) -> float:
        """Seconds to wait now."""
        full_s = min(self.longest_s, self.first_s * 2.0 ** min(self.attempts, _MOST_DOUBLINGS))
        self.attempts += 1
        return full_s * self.chance.uniform(1 - SPREAD, 1 + SPREAD)

    def succeeded(self) -> None:
        """Start again from the shortest wait."""
        self.attempts = 0
