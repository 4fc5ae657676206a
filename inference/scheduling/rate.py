"""How many messages a second may one stream send? A bucket of tokens."""


class TokenBucket:
    """Fills at `per_s`, holds `burst` at most."""

    def __init__(self, *, per_s: float, burst: float) -> None:
        self._per_s = per_s
        self._burst = burst
        self._tokens = burst
        self._at_s: float | None = None

    def take(self, cost: float, *, now_s: float) -> bool:
        """Take tokens if there are enough."""
        if self._at_s is not None:
            gained = (now_s - self._at_s) * self._per_s
            self._tokens = min(self._burst, self._tokens + max(gained, 0.0))
        self._at_s = now_s
        if self._tokens < cost:
            return False
        self._tokens -= cost
        return True
