"""Whose turn is it to carry a session, and when may it be asked?

Pure: takes the time, never asks for it. The first in order carries the session. One that refused,
drains, or could not be reached is left alone for a while and the next is asked at once; after
`MAX_REFUSALS` in a row the session waits, so that a full pool is not asked by everyone for ever.
"""

from collections.abc import Sequence

from rapt.backoff import Backoff

FIRST_WAIT_S = 0.2
LONGEST_WAIT_S = 1.0
MAX_REFUSALS = 2


class Turn:
    """The attempts of one session."""

    def __init__(self) -> None:
        self._backoff = Backoff(first_s=FIRST_WAIT_S, longest_s=LONGEST_WAIT_S)
        self._not_before_s: dict[str, float] = {}
        self._refusals = 0

    def next(self, order: Sequence[str], now_s: float) -> str | None:
        """Return which address to ask now; None when the session has to wait."""
        if self._refusals >= MAX_REFUSALS:
            return None
        free = (address for address in order if self._not_before_s.get(address, 0.0) <= now_s)
        return next(free, None)

    def wait_s(self, order: Sequence[str], now_s: float) -> float:
        """Return how long to wait before the next round, which begins with this."""
        self._refusals = 0
        ends_s = [self._not_before_s.get(address, 0.0) for address in order]
        self._not_before_s = {a: at_s for a, at_s in self._not_before_s.items() if at_s > now_s}
        return max(min(ends_s, default=0.0) - now_s, self._backoff.next_s())

    def refused(self, address: str, now_s: float, *, for_s: float) -> None:
        """A worker does not take the session, or can not be reached."""
        self._refusals += 1
        self._not_before_s[address] = now_s + max(for_s, FIRST_WAIT_S)

    def left(self, address: str, now_s: float, *, for_s: float) -> None:
        """A worker had taken the session, and carries it no more."""
        self._refusals = 0
        self._backoff.succeeded()
        self._not_before_s[address] = now_s + max(for_s, FIRST_WAIT_S)
