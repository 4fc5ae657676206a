"""How many messages a session may send: a bucket that fills at a steady rate.

Pure: takes the time, never asks for it. Per session and never per address: a school is one address.
"""


class TokenBucket:
    """Lets `burst` things through at once and `per_s` a second in the long run."""

    def __init__(self, *, per_s: float, burst: float, now_s: float) -> None:
        self._per_s = per_s
        self._burst = burst
        self._tokens = burst
        self._filled_at_s = now_s

    def wait_s(self, now_s: float) -> float:
        """Return the seconds until there is a token."""
        self._fill(now_s)
        return max(0.0, (1 - self._tokens) / self._per_s)

    def take(self, now_s: float) -> bool:
        """Take one token; False when there is none."""
        self._fill(now_s)
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True

    def _fill(self, now_s: float) -> None:
        grown = max(0.0, now_s - self._filled_at_s) * self._per_s
        self._tokens = min(self._burst, self._tokens + grown)
        self._filled_at_s = max(self._filled_at_s, now_s)
