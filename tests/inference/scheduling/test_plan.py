"""Which frames share the next run?"""

import math
import random
from dataclasses import dataclass, replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from inference.scheduling.plan import USUAL, Cut, Plan, Policy, Waiting, plan
from inference.scheduling.shares import Shares

EAGER = Policy(max_wait_s=0.0)


@dataclass(frozen=True)
class Table:
    """Run times that were measured some time."""

    buckets: tuple[int, ...]
    means_s: tuple[float, ...]
    guard: float = 1.0

    def mean_s(self, bucket: int) -> float:
        """Return the usual run time."""
        return self.means_s[self.buckets.index(bucket)]

    def p95_s(self, bucket: int) -> float:
        """Return the run time to count on."""
        return self.mean_s(bucket) * self.guard


@dataclass(frozen=True)
class Situation:
    """Everything that a plan is made of."""

    waiting: tuple[Waiting, ...]
    table: Table
    now_s: float
    downstream_s: float
    policy: Policy
    shares: Shares
    load: float
    rested_s: float

    def decide(self, *waiting: Waiting) -> Plan:
        """Plan for these frames, or for all."""
        return plan(
            waiting or self.waiting,
            self.table,
            now_s=self.now_s,
            downstream_s=self.downstream_s,
            policy=self.policy,
            shares=self.shares,
            load=self.load,
            rested_s=self.rested_s,
        )

    def needs_s(self, bucket: int, frame: Waiting) -> float:
        """Return what a frame needs that is run in a bucket, again and again if it is larger."""
        runs = max(math.ceil(frame.cost / bucket), 1)
        return runs * self.table.p95_s(bucket) + self.downstream_s

    def least(self, frame: Waiting) -> int:
        """Return the smallest bucket that holds a frame."""
        return next((b for b in self.table.buckets if b >= frame.cost), self.table.buckets[-1])

    def can_be_in_time(self, frame: Waiting) -> bool:
        """Whether a frame meets its deadline in a run of its own."""
        return self.now_s + self.needs_s(self.least(frame), frame) <= frame.deadline_s


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """Any buckets, any run times that grow with them."""
    buckets = draw(st.sampled_from([(1,), (1, 2, 4, 8), (1, 2, 4, 8, 16, 32, 64), (2, 3)]))
    steps = [draw(st.floats(0, 0.05)) for _ in buckets]
    means = tuple(0.001 + sum(steps[: i + 1]) for i in range(len(buckets)))
    return Table(buckets, means, draw(st.floats(1, 2)))


@st.composite
def situations(
    draw: st.DrawFn, costs: tuple[int, ...] = (1, 1, 1, 3, 8, 100), policy: Policy | None = None
) -> Situation:
    """One frame of each of some streams, some time, anywhere."""
    waiting = tuple(
        Waiting(
            stream=stream,
            deadline_s=draw(st.floats(9, 12)),
            served_at_s=draw(st.floats(8, 10)),
            sequence=draw(st.integers(1, 99)),
            tenant=draw(st.integers(0, 3)),
            arrived_s=draw(st.floats(9.5, 10)),
            cost=draw(st.sampled_from(costs)),
        )
        for stream in range(draw(st.integers(0, 40)))
    )
    waits = Policy(max_wait_s=draw(st.sampled_from([0.0, 0.008, 0.04])))
    leads = draw(st.dictionaries(st.integers(0, 3), st.floats(0.01, 30)))
    weights = draw(st.dictionaries(st.integers(0, 3), st.floats(0.1, 10)))
    return Situation(
        waiting,
        draw(tables()),
        now_s=draw(st.floats(10, 11)),
        downstream_s=draw(st.floats(0, 0.1)),
        policy=policy or waits,
        shares=Shares(weights, leads),
        load=draw(st.floats(0, 3)),
        rested_s=draw(st.sampled_from([0.0, 0.5, 1.0, 60.0])),
    )


@given(situations())
def test_a_plan_names_each_frame_once_at_most_and_makes_none_up(situation: Situation) -> None:
    """A stream is in a batch at most once, and none of it has expired."""
    decided = situation.decide()
    gone = [frame.stream for frame in decided.batch + decided.expired]
    assert len(gone) == len(set(gone))
    assert set(decided.batch + decided.expired) <= set(situation.waiting)


@given(situations())
def test_members_are_in_time_and_the_expired_could_not_be(situation: Situation) -> None:
    """Every member meets its deadline in its bucket; nothing expires that could run alone."""
    decided = situation.decide()
    late = {frame for frame in situation.waiting if not situation.can_be_in_time(frame)}
    if decided.cut is Cut.PROBE:  # the one exception, see below
        assert set(decided.expired) == late - set(decided.batch)
        return
    assert set(decided.expired) == late
    for member in decided.batch:
        assert (
            situation.now_s + situation.needs_s(decided.bucket, member) <= member.deadline_s + 1e-9
        )


@given(situations())
def test_a_late_frame_runs_only_where_nothing_else_can_and_nothing_has(
    situation: Situation,
) -> None:
    """All late, a second without a run: one of those with time left, that is short of least."""
    decided = situation.decide()
    ahead = [frame for frame in situation.waiting if frame.deadline_s > situation.now_s]
    can_some = any(situation.can_be_in_time(frame) for frame in situation.waiting)
    is_due = situation.rested_s >= USUAL.probe_s and not can_some and bool(ahead)
    assert (decided.cut is Cut.PROBE) == is_due
    if is_due:
        (tried,) = decided.batch
        assert decided.bucket == situation.least(tried)
        short_s = {f: situation.needs_s(situation.least(f), f) - f.deadline_s for f in ahead}
        assert short_s[tried] <= min(short_s.values()) + 1e-9


@given(situations())
def test_a_batch_fits_its_bucket(situation: Situation) -> None:
    """Never more faces than the bucket holds, but for a frame that no bucket holds."""
    decided = situation.decide()
    largest = situation.table.buckets[-1]
    if decided.batch:
        assert decided.bucket in situation.table.buckets
        assert len(decided.batch) <= decided.bucket
        assert sum(min(frame.cost, largest) for frame in decided.batch) <= decided.bucket
        assert decided.cut in {Cut.FULL, Cut.IDLE, Cut.DUE, Cut.PROBE}
    else:
        assert decided.cut in {Cut.NOTHING, Cut.DEFERRED}


@given(situations(policy=EAGER))
def test_a_free_device_never_idles_while_a_frame_can_be_in_time(situation: Situation) -> None:
    """Work-conserving: something in time means a batch."""
    decided = situation.decide()
    assert bool(decided.batch) == (len(decided.expired) < len(situation.waiting))


@given(situations(policy=Policy(max_wait_s=0.04)))
def test_waiting_for_company_makes_nothing_late(situation: Situation) -> None:
    """It ends after now, within the longest wait, and before the next bucket is too late."""
    decided = situation.decide()
    assert (decided.wake_s is not None) == (decided.cut is Cut.DEFERRED)
    if decided.wake_s is None:
        return
    now = replace(situation, policy=EAGER).decide()
    assert situation.now_s < decided.wake_s
    assert decided.wake_s <= min(frame.arrived_s for frame in now.batch) + 0.04
    for frame in now.batch:
        assert decided.wake_s + situation.needs_s(now.bucket, frame) <= frame.deadline_s
    assert set(now.batch) | set(now.expired) == set(situation.waiting)


@given(situations(policy=Policy(max_wait_s=0.04)))
def test_a_device_with_enough_to_do_does_not_wait(situation: Situation) -> None:
    """Above 70 % load, or with a full batch, or when company is unlikely."""
    decided = situation.decide()
    if decided.cut is Cut.DEFERRED:
        assert situation.load < USUAL.easy_load
        frame_s = min(situation.table.mean_s(b) / b for b in situation.table.buckets)
        assert situation.load / frame_s * 0.04 >= 0.999


@given(situations(), st.randoms(use_true_random=False))
def test_the_order_of_asking_does_not_matter(situation: Situation, shuffle: random.Random) -> None:
    """Same frames, same plan."""
    other = list(situation.waiting)
    shuffle.shuffle(other)
    assert situation.decide() == situation.decide(*other)


@given(situations(policy=EAGER))
def test_the_stream_whose_turn_it_is_is_not_starved(situation: Situation) -> None:
    """First in order, unserved for 0.8 s and still in time alone means in the batch."""
    decided = situation.decide()
    alive = [frame for frame in situation.waiting if situation.can_be_in_time(frame)]
    if alive:
        first = situation.shares.order(alive)[0]
        if situation.now_s - first.served_at_s > USUAL.rescue_s:
            assert first in decided.batch


@given(situations(costs=(1,), policy=Policy(rescue_s=math.inf, max_wait_s=0.0)))
def test_more_frames_never_slow_the_device(situation: Situation) -> None:
    """Without rescue, frames per device-second never fall when more wait."""
    plans = [situation.decide(*situation.waiting[: n + 1]) for n in range(len(situation.waiting))]
    rates = [len(p.batch) / situation.table.mean_s(p.bucket) if p.batch else 0.0 for p in plans]
    assert all(after >= before - 1e-6 for before, after in pairwise(rates))


@given(situations(), st.floats(0, 1))
def test_time_never_revives_a_frame(situation: Situation, later_s: float) -> None:
    """What has expired stays expired; at most one of it is tried in vain."""
    later = replace(situation, now_s=situation.now_s + later_s).decide()
    tried = set(later.batch) if later.cut is Cut.PROBE else set()
    assert set(situation.decide().expired) <= set(later.expired) | tried


@given(situations(policy=EAGER))
def test_whoever_comes_before_a_member_was_too_late_or_too_large(situation: Situation) -> None:
    """Turns are kept: who is passed over would be late in this bucket, or not fit.

    Or a frame of its own tenant starves, found no room and is not passed by it.
    """
    decided = situation.decide()
    starved_s = situation.now_s - EAGER.rescue_s
    alive = [frame for frame in situation.waiting if frame not in decided.expired]
    passed: list[Waiting] = []
    for frame in situation.shares.order(alive):
        if frame in decided.batch:
            for other in passed:
                needs_s = situation.needs_s(decided.bucket, other)
                is_late = situation.now_s + needs_s > other.deadline_s - 1e-9
                is_held_up = any(
                    larger.tenant == other.tenant and larger.served_at_s < starved_s
                    for larger in passed[: passed.index(other)]
                )
                assert is_late or is_held_up or other.cost > frame.cost
        else:
            passed.append(frame)


def test_a_late_frame_does_not_shrink_the_batch_of_the_others() -> None:
    """One frame that is short of time is left out rather than all others held back."""
    table = Table((1, 2, 4, 8), (0.004, 0.0045, 0.0055, 0.0075))
    hasty = Waiting(0, deadline_s=10.005, served_at_s=9.9)
    others = [Waiting(n, deadline_s=10.2, served_at_s=9.95) for n in range(1, 9)]
    decided = plan([hasty, *others], table, now_s=10.0)
    assert decided.bucket == 8
    assert hasty not in decided.batch
    assert decided.cut is Cut.FULL


def test_the_whole_way_counts_before_any_work_is_done() -> None:
    """A frame that the run alone would leave in time expires if what follows takes too long."""
    table = Table((1,), (0.010,))
    frame = Waiting(0, deadline_s=10.015, served_at_s=9.9)
    assert plan([frame], table, now_s=10.0).batch == (frame,)
    assert plan([frame], table, now_s=10.0, downstream_s=0.006).expired == (frame,)


def test_a_frame_that_no_bucket_holds_needs_as_many_runs_as_its_faces() -> None:
    """A room of thirty in runs of eight: alone, and late where four runs are too many."""
    table = Table((1, 8), (0.004, 0.020))
    room = Waiting(0, deadline_s=10.085, served_at_s=9.8, cost=30)
    student = Waiting(1, deadline_s=10.2, served_at_s=9.9)
    decided = plan([room, student], table, now_s=10.0)
    assert (decided.batch, decided.bucket, decided.runs) == ((room,), 8, 4)
    late = replace(room, deadline_s=10.075)
    decided = plan([late, student], table, now_s=10.0)
    assert (decided.expired, decided.batch, decided.runs) == ((late,), (student,), 1)
