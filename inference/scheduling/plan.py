"""Which frames share the next run, and which can no longer be in time?

Pure. Asked when the device is free; frames left out stay in their mailbox. The rules, in order:

1. A frame that could not meet its deadline even alone has expired.
2. The stream that was served longest ago comes first, then the earliest deadline.
3. For each bucket take, in that order, the first frames that still meet their deadline in it;
   the bucket with most frames per device-second wins, ties go to the smaller.
   (Padding up and shrinking to the oldest deadline instead loses a quarter of the capacity.)
4. Rescue: if the first stream has gone without a verdict for `rescue_s`, only buckets count
   in which its frame is in time. A few frames less, but nobody goes blind on a bad connection.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

RESCUE_S = 0.8  # a person notices a second


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
    deadline_s: float
    served_at_s: float
    """When the stream last got a verdict, or was opened."""


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
    cut: Cut


def plan(
    waiting: Sequence[Waiting],
    table: RunTimes,
    *,
    now_s: float,
    rescue_s: float = RESCUE_S,
) -> Plan:
    """Choose the next batch."""
    alone_s = now_s + table.p95_s(table.buckets[0])
    expired = tuple(sorted((w for w in waiting if alone_s > w.deadline_s), key=_order))
    order = sorted((w for w in waiting if alone_s <= w.deadline_s), key=_order)
    if not order:
        return Plan((), 0, expired, Cut.NOTHING)
    must_have = order[0] if now_s - order[0].served_at_s > rescue_s else None
    batch, bucket = _choose(order, table, now_s=now_s, must_have=must_have)
    cut = Cut.IDLE if len(batch) == len(order) else Cut.DUE
    if len(batch) == table.buckets[-1]:
        cut = Cut.FULL
    return Plan(batch, bucket, expired, cut)


def _order(waiting: Waiting) -> tuple[float, float, int]:
    return waiting.served_at_s, waiting.deadline_s, waiting.stream


def _choose(
    order: Sequence[Waiting], table: RunTimes, *, now_s: float, must_have: Waiting | None
) -> tuple[tuple[Waiting, ...], int]:
    """Return the frames and the bucket with most frames per device-second."""
    best: tuple[Waiting, ...] = ()
    best_bucket, best_rate = table.buckets[0], -1.0
    for bucket in table.buckets:
        done_s = now_s + table.p95_s(bucket)
        if must_have is not None and done_s > must_have.deadline_s:
            break
        members = tuple([w for w in order if done_s <= w.deadline_s][:bucket])
        rate = len(members) / max(table.mean_s(bucket), 1e-9)
        if rate > best_rate * (1 + 1e-9):
            best, best_bucket, best_rate = members, bucket, rate
        if bucket >= len(order):
            break
    return best, best_bucket
