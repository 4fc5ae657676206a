"""How many messages a second may someone send? A bucket of tokens.

Pure: takes the time, never asks for it. One bucket per session and never per address: a school is
one address.
"""


class TokenBucket:
    """Lets `burst` things through at once and `per_s` a second in the long run."""

    def __init__(self, *, per_s: float, burst: float) -> None:
        self._per_s = per_s
        self._burst = burst
        self._tokens = burst
        self._filled_at_s: float | None = None

    def take(self, now_s: float, *, cost: float = 1.0) -> bool:
        """Take tokens; False, and none are taken, when there are too few."""
        self._fill(now_s)
        if self._tokens < cost:
            return False
        self._tokens -= cost
        return True

    def wait_s(self, now_s: float) -> float:
        """Return the seconds until there is a token."""
        self._fill(now_s)
        return max(0.0, (1 - self._tokens) / self._per_s)

    def _fill(self, now_s: float) -> None:
        """Add what has grown; a clock that went back adds nothing, then or when it catches up."""
        filled_at_s = now_s if self._filled_at_s is None else self._filled_at_s
        grown = max(0.0, now_s - filled_at_s) * self._per_s
        self._tokens = min(self._burst, self._tokens + grown)
        self._filled_at_s = max(filled_at_s, now_s)
