"""What would become of these frames on one device? The same plan, mailboxes and tables, no waiting.

Pure: arrivals and run times come in, answers go out. A `Queue` is how frames wait: ours is here,
other servers' are in the benchmark, and all of them are asked in the same way.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Protocol

from inference.scheduling.demand import Demand
from inference.scheduling.latency import LatencyTable
from inference.scheduling.mailbox import Mailboxes
from inference.scheduling.plan import USUAL, Cut, Policy, Waiting, plan
from inference.scheduling.shares import EQUAL, Shares

WARM_UP_RUNS = 10


@dataclass(frozen=True, slots=True)
class Arrival:
    """A frame on its way in, seconds."""

    at_s: float
    captured_s: float
    stream: int
    deadline_s: float
    tenant: int = 0
    cost: int = 1


@dataclass(frozen=True, slots=True)
class Taken:
    """What a queue gives to a free device."""

    batch: Sequence[Arrival] = ()
    bucket: int = 0
    wake_s: float | None = None
    """When to ask again, if nothing arrives before."""
    is_probe: bool = False
    """Whether it is run to see how long that takes."""
    expired: Sequence[Arrival] = ()
    """Frames that no run could answer in time any more."""


class Queue(Protocol):
    """How frames wait for a device."""

    def put(self, frame: Arrival) -> Arrival | None:
        """Take a frame in, or not; return the one whose place it takes."""

    def take(self, now_s: float) -> Taken:
        """Give frames to the device, which is free."""

    def ran(self, taken: Taken, *, started_s: float, run_s: float) -> None:
        """Learn how long that took; told before the next `take`."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A frame that was run."""

    frame: Arrival
    answered_s: float

    @property
    def age_s(self) -> float:
        """How old the frame was then."""
        return self.answered_s - self.frame.captured_s


@dataclass(slots=True)
class Course:
    """What happened."""

    answers: list[Answer] = field(default_factory=list)
    superseded: list[Arrival] = field(default_factory=list)
    expired: list[Arrival] = field(default_factory=list)
    batches: list[int] = field(default_factory=list)
    """Frames in each."""
    busy_s: float = 0.0
    padding: int = 0


def simulate(arrivals: Sequence[Arrival], queue: Queue, run_s: Callable[[Taken], float]) -> Course:
    """Let one device serve all arrivals.

    Args:
        arrivals: by `at_s`.
        queue: how they wait.
        run_s: how long the device takes for a batch.
    """
    course, coming, index = Course(), [frame.at_s for frame in arrivals], 0
    now_s = free_s = 0.0
    while True:
        while index < len(arrivals) and coming[index] <= now_s:
            superseded = queue.put(arrivals[index])
            if superseded is not None:
                course.superseded.append(superseded)
            index += 1
        wakes = coming[index : index + 1]
        if now_s >= free_s:
            taken = queue.take(now_s)
            course.expired += taken.expired
            if taken.batch:
                took_s = run_s(taken)
                free_s = now_s + took_s
                course.busy_s += took_s
                course.batches.append(len(taken.batch))
                course.padding += taken.bucket - len(taken.batch)
                course.answers += [Answer(frame, free_s) for frame in taken.batch]
                queue.ran(taken, started_s=now_s, run_s=took_s)
            elif taken.wake_s is not None:
                wakes = [*wakes, max(taken.wake_s, now_s + 1e-6)]
        if free_s > now_s:
            wakes = [*wakes, free_s]
        if not wakes:
            return course
        now_s = min(wakes)


class Ours:
    """A mailbox for each stream, and the plan."""

    def __init__(
        self, table: LatencyTable, *, policy: Policy = USUAL, shares: Shares = EQUAL
    ) -> None:
        self._table = table
        self._policy = policy
        self._shares = shares
        self._waiting: Mailboxes[Arrival] = Mailboxes()
        self._served_at_s: dict[int, float] = {}
        self._demand = Demand()
        self._ran_at_s = 0.0

    def put(self, frame: Arrival) -> Arrival | None:
        """Let the newest frame of a stream wait; return the one it supersedes."""
        self._served_at_s.setdefault(frame.stream, frame.at_s)  # it opens
        superseded = self._waiting.put(frame.stream, frame)
        if superseded is None:  # what is replaced costs the device nothing
            self._demand.add(frame.cost, frame.at_s)
        return superseded

    def take(self, now_s: float) -> Taken:
        """Do what the plan says."""
        decided = plan(
            [self._row(frame) for _, frame in self._waiting],
            self._table,
            now_s=now_s,
            policy=self._policy,
            shares=self._shares,
            load=self._demand.per_s(now_s) * self._table.frame_s(),
            rested_s=now_s - self._ran_at_s,
        )
        self._shares = decided.shares
        expired = self._waiting.take(gone.stream for gone in decided.expired)
        return Taken(
            self._waiting.take(member.stream for member in decided.batch),
            decided.bucket,
            decided.wake_s,
            is_probe=decided.cut is Cut.PROBE,
            expired=expired,
        )

    def ran(self, taken: Taken, *, started_s: float, run_s: float) -> None:
        """Learn the run time, and who was served when."""
        self._table.add(taken.bucket, run_s, is_probe=taken.is_probe)
        self._ran_at_s = started_s + run_s
        for frame in taken.batch:
            self._served_at_s[frame.stream] = started_s + run_s

    def _row(self, frame: Arrival) -> Waiting:
        return Waiting(
            stream=frame.stream,
            deadline_s=frame.deadline_s,
            served_at_s=self._served_at_s[frame.stream],
            tenant=frame.tenant,
            arrived_s=frame.at_s,
            cost=frame.cost,
        )


def warm(buckets: Iterable[int], run_s: Callable[[Taken], float]) -> LatencyTable:
    """Return a table that knows the device, as after the warm-up of a worker."""
    table = LatencyTable(tuple(buckets))
    for bucket in chain.from_iterable([size] * WARM_UP_RUNS for size in table.buckets):
        table.add(bucket, run_s(Taken((), bucket)))
    return table
