"""Which frames share the next run, which can no longer be in time, and is it worth waiting?

Pure. Asked when a slot of the device is free; frames left out stay in their mailbox, where a newer
one may replace them. A batch is never formed earlier than that. The rules, in order:

1. A frame that could not meet its deadline even alone has expired. Its deadline holds for the
   whole way, so what comes after this run (`downstream_s`) counts, and no work is done in vain.
2. Whose turn it is: least recently served, then earliest deadline; tenants by weight (`shares`).
3. For each bucket take, in that order, the first frames that still meet their deadline in it;
   the bucket with most faces per device-second wins, ties go to the smaller.
   (Padding up and shrinking to the oldest deadline instead loses a quarter of the capacity.)
4. Rescue: if the first stream has gone without a verdict for `rescue_s`, only buckets count
   in which its frame is in time. A few frames less, but nobody goes blind on a bad connection.
   No tenant's stream is rescued before the turn of its tenant; but no bucket is chosen that is too
   small for a frame that starves, and smaller ones of its tenant do not pass it: its turn comes.
5. Deferral: a device with time to spare waits for company, since a fuller batch costs less a
   frame. It never waits past the moment at which the next bucket would be too late for anyone.
6. Probe, the one exception to rule 1: if nothing has run for `probe_s` and every frame is thought
   to be late, the one that is short of least runs alone. What is thought may be wrong - a stalled
   machine taught it, say - and only runs can tell; without one nothing would ever run again.

A frame with more faces than the largest bucket holds is alone in it, run as often as they need.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from inference.scheduling.shares import EQUAL, Shares, Waiting

__all__ = ["Cut", "Plan", "Policy", "RunTimes", "Waiting", "plan"]


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
class Policy:
    """What an operator may choose."""

    rescue_s: float = 0.8  # a person notices a second
    max_wait_s: float = 0.008
    """Longest wait for company; 0 = never, useful up to 0.040."""
    easy_load: float = 0.7
    """Wait only below this load."""
    margin_s: float = 0.002
    """The loop wakes that late at worst."""
    probe_s: float = 1.0
    """Without a run for that long, one is tried."""


USUAL = Policy()


class Cut(StrEnum):
    """Why the batch is as it is."""

    FULL = "full"  # the largest bucket is full
    IDLE = "idle"  # everything that waited
    DUE = "due"  # a smaller bucket carries more frames in time
    PROBE = "probe"  # one frame that is thought to be late: is it?
    DEFERRED = "deferred"  # company is worth waiting for
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do now."""

    batch: tuple[Waiting, ...]
    bucket: int
    expired: tuple[Waiting, ...]
    cut: Cut
    wake_s: float | None
    """When to ask again, at the latest; None = when a frame comes."""
    shares: Shares
    """For the next plan."""

    @property
    def runs(self) -> int:
        """How often the bucket is run: only a frame that is alone in it may need it again."""
        return runs_of(self.batch[0].cost, self.bucket) if len(self.batch) == 1 else 1


def runs_of(faces: int, bucket: int) -> int:
    """Return how often a bucket is run for so many faces; 1 at least."""
    return max(-(-faces // max(bucket, 1)), 1)


def plan(  # noqa: PLR0913  # the whole world of the decision, named
    waiting: Sequence[Waiting],
    table: RunTimes,
    *,
    now_s: float,
    downstream_s: float = 0.0,
    policy: Policy = USUAL,
    shares: Shares = EQUAL,
    load: float = 1.0,
    rested_s: float = 0.0,
) -> Plan:
    """Choose the next batch.

    Args:
        waiting: at most one frame of each stream.
        table: run times of this device.
        now_s: when the run could start.
        downstream_s: what a frame needs besides the run.
        policy: the operator's choices.
        shares: what the tenants have had, from the plan before.
        load: device-seconds that a second of arriving frames needs in the best bucket.
        rested_s: for how long nothing has run.
    """
    desk = _Desk.at(now_s, table, downstream_s, policy.rescue_s)
    alive, expired = desk.sort_out(waiting)
    if not alive:
        return desk.probe(expired, shares, is_due=rested_s >= policy.probe_s)
    order = shares.order(alive)
    is_starving = desk.starves(order[0])
    batch, bucket = desk.choose(order, must_have=order[0] if is_starving else None)
    cut = desk.cut(batch, order)
    if cut is Cut.IDLE and not is_starving:
        wake_s = desk.patience_s(batch, bucket, policy, load)
        if wake_s > now_s:
            return Plan((), 0, expired, Cut.DEFERRED, wake_s, shares)
    chosen = {frame.stream for frame in batch}
    after = shares.after(batch, [frame for frame in order if frame.stream not in chosen])
    return Plan(batch, bucket, expired, cut, None, after)


@dataclass(frozen=True, slots=True)
class _Desk:
    """The table as it looks at one moment."""

    table: RunTimes
    now_s: float
    done_s: Mapping[int, float]
    """By bucket: when its frames would be answered."""
    rescue_s: float

    @classmethod
    def at(cls, now_s: float, table: RunTimes, downstream_s: float, rescue_s: float) -> "_Desk":
        done_s = {bucket: now_s + table.p95_s(bucket) + downstream_s for bucket in table.buckets}
        return cls(table, now_s, done_s, rescue_s)

    def starves(self, frame: Waiting) -> bool:
        """Say whether a frame's stream has gone without a verdict for too long."""
        return self.now_s - frame.served_at_s > self.rescue_s

    def sort_out(self, waiting: Sequence[Waiting]) -> tuple[list[Waiting], tuple[Waiting, ...]]:
        """Return the frames that can be in time alone, and those that have expired."""
        alive: list[Waiting] = []
        expired: list[Waiting] = []
        costs = {frame.cost for frame in waiting}
        done_s = {cost: self.done_at_s(cost, self.least(cost)) for cost in costs}
        for frame in waiting:
            (alive if frame.deadline_s >= done_s[frame.cost] else expired).append(frame)
        return alive, tuple(sorted(expired, key=lambda frame: frame.stream))

    def probe(self, expired: Sequence[Waiting], shares: Shares, *, is_due: bool) -> Plan:
        """Return the plan when every frame is thought to be late: to try one, or none."""
        in_question = [frame for frame in expired if is_due and frame.deadline_s > self.now_s]
        if not in_question:
            return Plan((), 0, tuple(expired), Cut.NOTHING, None, shares)
        tried = max(in_question, key=lambda frame: (self._slack_s(frame), -frame.stream))
        others = tuple(frame for frame in expired if frame is not tried)
        return Plan((tried,), self.least(tried.cost), others, Cut.PROBE, None, shares)

    def _slack_s(self, frame: Waiting) -> float:
        """Return what time a frame has to spare in a run of its own; it is late below zero."""
        return frame.deadline_s - self.done_at_s(frame.cost, self.least(frame.cost))

    def done_at_s(self, cost: int, bucket: int) -> float:
        """Return when a frame would be answered in a bucket, which may have to run again for it."""
        if cost <= bucket:
            return self.done_s[bucket]
        return self.done_s[bucket] + (runs_of(cost, bucket) - 1) * self.table.p95_s(bucket)

    def least(self, cost: int) -> int:
        """Return the smallest bucket that holds a frame; the largest holds every one."""
        buckets = self.table.buckets
        return buckets[min(bisect_left(buckets, cost), len(buckets) - 1)]

    def choose(
        self, order: Sequence[Waiting], *, must_have: Waiting | None
    ) -> tuple[tuple[Waiting, ...], int]:
        """Return the frames and the bucket with most faces per device-second."""
        best: tuple[Waiting, ...] = ()
        best_bucket, best_rate = self.table.buckets[0], -1.0
        everything = _cost(order)
        smallest = next((self.least(frame.cost) for frame in order if self.starves(frame)), 0)
        for bucket in self.table.buckets:
            if bucket < smallest:
                continue
            if must_have and must_have.deadline_s < self.done_at_s(must_have.cost, bucket):
                break
            members = self._fill(order, bucket)
            rate = min(_cost(members), bucket) / max(self.table.mean_s(bucket), 1e-9)
            if rate > best_rate * (1 + 1e-9):
                best, best_bucket, best_rate = members, bucket, rate
            if bucket >= everything:
                break
        return best, best_bucket

    def _fill(self, order: Sequence[Waiting], bucket: int) -> tuple[Waiting, ...]:
        """Return the first frames that are in time in a bucket and fit into it together."""
        members: list[Waiting] = []
        done_s, room, largest = self.done_s[bucket], bucket, self.table.buckets[-1]
        held_up: set[int] = set()
        for frame in order:
            cost = min(largest, frame.cost)
            if frame.tenant in held_up:
                continue
            if cost > room:
                if self.starves(frame):
                    held_up.add(frame.tenant)
                continue
            if frame.deadline_s >= done_s:  # one that none holds would have expired if it were late
                members.append(frame)
                room -= cost
                if room == 0:
                    break
        return tuple(members)

    def cut(self, batch: Sequence[Waiting], order: Sequence[Waiting]) -> Cut:
        """Name why the batch is as it is."""
        if _cost(batch) >= self.table.buckets[-1]:
            return Cut.FULL
        return Cut.IDLE if len(batch) == len(order) else Cut.DUE

    def patience_s(
        self, batch: Sequence[Waiting], bucket: int, policy: Policy, load: float
    ) -> float:
        """Return until when the batch should wait for company; the past when it should not."""
        buckets = self.table.buckets
        frame_s = min(self.table.mean_s(b) / b for b in buckets)
        is_company_likely = load * policy.max_wait_s >= frame_s
        if load >= policy.easy_load or not is_company_likely:
            return self.now_s
        larger = next((b for b in buckets if b > bucket), bucket)
        first_s = min(frame.arrived_s for frame in batch)
        slack_s = min(frame.deadline_s for frame in batch) - self.done_s[larger]
        return min(self.now_s + slack_s - policy.margin_s, first_s + policy.max_wait_s)


def _cost(frames: Sequence[Waiting]) -> int:
    return sum(frame.cost for frame in frames)
