"""Which frames share the next run, and which can no longer be in time?

Pure. Asked when the device is free; frames left out stay in their mailbox. The rules, in order:

1. A frame that could not meet its deadline even alone has expired.
2. The stream that was served longest ago comes first, then the earliest deadline.
3. For each bucket take, in that order, the first frames that still meet their deadline in it;
   the bucket with most frames per device-second wins, ties go to the smaller.
   (Padding up and shrinking to the oldest deadline instead loses a quarter of the capacity.)
4. Rescue: if the first stream has gone without a verdict for `rescue_s`, only buckets count
   in which its frame is in time. A few frames less, but nobody goes blind on a bad connection.

`wake_s` is when to ask again although nothing new came; today nothing is deferred, so it is None.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class RunTimes(Protocol):
    """What the plan asks the latency table."""

    @property
    def buckets(self) -> tuple[int, ...]:
        """Sizes of a run, ascending."""

    def mean_s(self, bucket: int) -> float:
        """Return the usual run time; grows with the bucket."""

    def p95_s(self, bucket: int) -> float:
        """Return the run time to count on; grows with the bucket."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One frame in its mailbox."""

    stream: int
    sequence: int
    tenant: int
    arrived_s: float
    deadline_s: float
    served_at_s: float
    """When the stream last got a verdict, or was opened."""
    cost: float = 1.0
    """Expected faces."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What the rules may trade."""

    rescue_s: float = 0.8


class Cut(StrEnum):
    """Why the batch is as it is."""

    FULL = "full"  # the largest bucket is full
    IDLE = "idle"  # everything that waited
    DUE = "due"  # a smaller bucket carries more frames in time
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do now."""

    batch: tuple[Waiting, ...]
    bucket: int
    expired: tuple[Waiting, ...]
    wake_s: float | None
    cut: Cut


def plan(
    waiting: Sequence[Waiting],
    table: RunTimes,
    *,
    now_s: float,
    downstream_s: float = 0.0,
    policy: Policy = Policy(),  # frozen
) -> Plan:
    """Choose the next batch."""
    ready_s = now_s + downstream_s
    alone_s = ready_s + table.p95_s(table.buckets[0])
    expired = tuple(sorted((w for w in waiting if alone_s > w.deadline_s), key=_order))
    order = sorted((w for w in waiting if alone_s <= w.deadline_s), key=_order)
    if not order:
        return Plan((), 0, expired, None, Cut.NOTHING)
    batch, bucket = _choose(order, table, ready_s=ready_s, must_have=_rescued(order, now_s, policy))
    cut = Cut.IDLE if len(batch) == len(order) else Cut.DUE
    if len(batch) == table.buckets[-1]:
        cut = Cut.FULL
    return Plan(batch, bucket, expired, None, cut)


def _order(waiting: Waiting) -> tuple[float, float, int]:
    return waiting.served_at_s, waiting.deadline_s, waiting.stream


def _rescued(order: Sequence[Waiting], now_s: float, policy: Policy) -> Waiting | None:
    """Return the frame that must not be left out."""
    return order[0] if now_s - order[0].served_at_s > policy.rescue_s else None


def _choose(
    order: Sequence[Waiting], table: RunTimes, *, ready_s: float, must_have: Waiting | None
) -> tuple[tuple[Waiting, ...], int]:
    """Return the frames and the bucket with most frames per device-second."""
    best: tuple[Waiting, ...] = ()
    best_bucket, best_rate = table.buckets[0], -1.0
    for bucket in table.buckets:
        done_s = ready_s + table.p95_s(bucket)
        if must_have is not None and done_s > must_have.deadline_s:
            break
        members = tuple([w for w in order if done_s <= w.deadline_s][:bucket])
        rate = len(members) / max(table.mean_s(bucket), 1e-9)
        if rate > best_rate * (1 + 1e-9):
            best, best_bucket, best_rate = members, bucket, rate
        if bucket >= len(order):
            break
    return best, best_bucket
