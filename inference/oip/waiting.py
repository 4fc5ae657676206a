"""How much may wait? So many requests and bytes, whoever sends them, and each tenant's own rate.

What does not fit is refused at once with a sentence; nothing that was taken is thrown away.
"""

import time

from rapt.errors import PoolFull, QuotaSpent
from rapt.rate import TokenBucket

from inference.grants import Grant

MAX_BYTES = 512 * 1024**2
"""Of all requests that wait or run: tensors are held until their run."""


class WaitingRoom:
    """Counts the requests under way."""

    def __init__(self, *, most: int) -> None:
        self.requests = 0
        self._bytes = 0
        self._most = most
        self._rates: dict[int, TokenBucket] = {}

    def enter(self, grant: Grant, size_bytes: int) -> None:
        """Let one request in.

        Raises:
            QuotaSpent: its tenant sends faster than it may.
            PoolFull: too many wait already.
        """
        if grant.tenant_id is not None and grant.frames_per_s is not None:
            self._spend(grant.tenant_id, grant.frames_per_s)
        if self.requests >= self._most:
            raise PoolFull(f"{self.requests} requests wait already; send fewer at once")
        if self._bytes + size_bytes > MAX_BYTES:
            raise PoolFull(f"requests of {self._bytes} bytes wait already; send fewer at once")
        self.requests += 1
        self._bytes += size_bytes

    def leave(self, size_bytes: int) -> None:
        """Count one request out."""
        self.requests -= 1
        self._bytes -= size_bytes

    def _spend(self, tenant_id: int, per_s: float) -> None:
        bucket = self._rates.get(tenant_id)
        if bucket is None:
            bucket = self._rates[tenant_id] = TokenBucket(per_s=per_s, burst=max(per_s, 1.0))
        if not bucket.take(time.monotonic()):
            raise QuotaSpent(f"the tenant may send {per_s:g} requests a second")
