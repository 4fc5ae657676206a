"""How large may a batch be after the device ran out of memory?

Pure. The bucket that failed is left alone for a while, and for twice as long each time it fails
again; what took the memory may be another process, and may be gone by then.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from inference.scheduling.plan import RunTimes

FIRST_REST_S = 30.0
MAX_REST_S = 600.0


@dataclass(frozen=True, slots=True)
class Ceiling:
    """The largest bucket that may be used, for now."""

    max_bucket: int
    until_s: float = 0.0
    rest_s: float = FIRST_REST_S

    def at(self, now_s: float, largest: int) -> int:
        """Return the bucket to keep to; `largest` again when the rest is over."""
        return self.max_bucket if now_s < self.until_s else largest

    def lowered(self, bucket: int, buckets: Sequence[int], now_s: float) -> "Ceiling":
        """Return the ceiling after `bucket` did not fit: the next smaller one."""
        smaller = max((b for b in buckets if b < bucket), default=buckets[0])
        has_failed_before = self.until_s > 0
        rest_s = min(2 * self.rest_s, MAX_REST_S) if has_failed_before else FIRST_REST_S
        return Ceiling(smaller, now_s + rest_s, rest_s)


class Capped:
    """A latency table without the buckets above a ceiling."""

    def __init__(self, table: RunTimes, max_bucket: int) -> None:
        self.buckets = tuple(bucket for bucket in table.buckets if bucket <= max_bucket)
        self.mean_s = table.mean_s
        self.p95_s = table.p95_s
