"""Which frames share the next run?"""

import math
import random
from dataclasses import dataclass, replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from inference.scheduling.plan import USUAL, Cut, Plan, Policy, Waiting, plan


@dataclass(frozen=True)
class Table:
    """Run times that were measured some time."""

    buckets: tuple[int, ...]
    means_s: tuple[float, ...]
    guard: float

    def mean_s(self, bucket: int) -> float:
        """Return the usual run time."""
        return self.means_s[self.buckets.index(bucket)]

    def p95_s(self, bucket: int) -> float:
        """Return the run time to count on."""
        return self.mean_s(bucket) * self.guard


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """Any buckets, any run times that grow with them."""
    buckets = draw(st.sampled_from([(1,), (1, 2, 4, 8), (1, 2, 4, 8, 16, 32, 64), (2, 3)]))
    steps = [draw(st.floats(0, 0.05)) for _ in buckets]
    means = tuple(0.001 + sum(steps[: i + 1]) for i in range(len(buckets)))
    return Table(buckets, means, draw(st.floats(1, 2)))


@st.composite
def waitings(draw: st.DrawFn) -> list[Waiting]:
    """One frame of each of some streams."""
    count = draw(st.integers(0, 80))
    return [
        Waiting(
            stream=stream,
            deadline_s=draw(st.floats(9, 12)),
            served_at_s=draw(st.floats(8, 10)),
        )
        for stream in range(count)
    ]


@given(waitings(), tables(), st.floats(10, 11))
def test_each_frame_is_in_the_batch_or_expired_or_still_waiting(
    waiting: list[Waiting], table: Table, now_s: float
) -> None:
    """No frame is lost and none is doubled."""
    decided = plan(waiting, table, now_s=now_s)
    gone = [w.stream for w in decided.batch + decided.expired]
    assert len(gone) == len(set(gone))
    assert set(decided.batch + decided.expired) <= set(waiting)


@given(waitings(), tables(), st.floats(10, 11))
def test_members_are_in_time_and_the_expired_could_not_be(
    waiting: list[Waiting], table: Table, now_s: float
) -> None:
    """Every member meets its deadline in its bucket; nothing expires that could run alone."""
    decided = plan(waiting, table, now_s=now_s)
    alone_s = now_s + table.p95_s(table.buckets[0])
    assert all(alone_s > w.deadline_s for w in decided.expired)
    assert {w for w in waiting if alone_s > w.deadline_s} == set(decided.expired)
    for member in decided.batch:
        assert now_s + table.p95_s(decided.bucket) <= member.deadline_s


@given(waitings(), tables(), st.floats(10, 11))
def test_a_batch_fits_its_bucket(waiting: list[Waiting], table: Table, now_s: float) -> None:
    """Never more frames than the bucket, never a bucket that was not measured."""
    decided = plan(waiting, table, now_s=now_s)
    if decided.batch:
        assert len(decided.batch) <= decided.bucket
        assert decided.bucket in table.buckets
    else:
        assert decided.cut is Cut.NOTHING


@given(waitings(), tables(), st.floats(10, 11))
def test_a_free_device_never_idles_while_a_frame_can_be_in_time(
    waiting: list[Waiting], table: Table, now_s: float
) -> None:
    """Work-conserving: something in time means a batch."""
    decided = plan(waiting, table, now_s=now_s)
    assert bool(decided.batch) == (len(decided.expired) < len(waiting))


@given(waitings(), tables(), st.floats(10, 11), st.randoms(use_true_random=False))
def test_the_order_of_asking_does_not_matter(
    waiting: list[Waiting], table: Table, now_s: float, shuffle: random.Random
) -> None:
    """Same frames, same plan."""
    other = list(waiting)
    shuffle.shuffle(other)
    assert plan(waiting, table, now_s=now_s) == plan(other, table, now_s=now_s)


@given(waitings(), tables(), st.floats(10, 11))
def test_the_stream_that_waited_longest_is_not_starved(
    waiting: list[Waiting], table: Table, now_s: float
) -> None:
    """Unserved for 0.8 s and still in time alone means in the batch."""
    decided = plan(waiting, table, now_s=now_s)
    alive = [w for w in waiting if w not in decided.expired]
    if alive:
        first = min(alive, key=lambda w: (w.served_at_s, w.deadline_s, w.stream))
        if now_s - first.served_at_s > USUAL.rescue_s:
            assert first in decided.batch


@given(waitings(), tables(), st.floats(10, 11))
def test_more_frames_never_slow_the_device(
    waiting: list[Waiting], table: Table, now_s: float
) -> None:
    """Without rescue, frames per device-second never fall when more wait."""
    rates = [
        _rate(plan(waiting[:n], table, now_s=now_s, policy=Policy(rescue_s=math.inf)), table)
        for n in range(len(waiting) + 1)
    ]
    assert all(after >= before - 1e-6 for before, after in pairwise(rates))


@given(waitings(), tables(), st.floats(10, 11), st.floats(0, 1))
def test_time_never_revives_a_frame(
    waiting: list[Waiting], table: Table, now_s: float, later_s: float
) -> None:
    """What has expired stays expired."""
    now = set(plan(waiting, table, now_s=now_s).expired)
    later = set(plan(waiting, table, now_s=now_s + later_s).expired)
    assert now <= later


def test_a_late_frame_does_not_shrink_the_batch_of_the_others() -> None:
    """One frame that is short of time is left out rather than all others held back."""
    table = Table((1, 2, 4, 8), (0.004, 0.0045, 0.0055, 0.0075), 1.0)
    hasty = _waiting(0, deadline_s=10.005, served_at_s=9.9)
    others = [_waiting(n, deadline_s=10.2, served_at_s=9.95) for n in range(1, 9)]
    decided = plan([hasty, *others], table, now_s=10.0)
    assert decided.bucket == 8
    assert hasty not in decided.batch
    assert decided.cut is Cut.FULL


def test_equal_streams_share_a_device_with_three_times_its_load_equally() -> None:
    """Jain's index over verdicts per stream stays at 0.99 and nobody is left out."""
    table = Table((1, 2, 4, 8), (0.004, 0.0045, 0.0055, 0.0075), 1.0)
    streams, fps, limit_s, until_s = 640, 5.0, 0.2, 10.0
    rng = random.Random(3)
    arrivals = sorted(
        (phase + k / fps, stream)
        for stream in range(streams)
        for phase in [rng.random() / fps]
        for k in range(int(until_s * fps))
    )
    served = _simulate(arrivals, table, streams=streams, limit_s=limit_s)
    jain = sum(served) ** 2 / (streams * sum(n * n for n in served))
    assert jain >= 0.99
    assert min(served) > 0
    assert sum(served) / until_s > 0.95 * 8 / 0.0075


def _simulate(
    arrivals: list[tuple[float, int]], table: Table, *, streams: int, limit_s: float
) -> list[int]:
    """Serve arrivals (time, stream) with one device; return frames in time per stream."""
    box: dict[int, Waiting] = {}
    served_at, good = [0.0] * streams, [0] * streams
    now_s, index = 0.0, 0
    while index < len(arrivals) or box:
        while index < len(arrivals) and arrivals[index][0] <= now_s:
            at_s, stream = arrivals[index]
            box[stream] = _waiting(stream, deadline_s=at_s + limit_s, served_at_s=0.0)
            index += 1
        rows = [replace(w, served_at_s=served_at[w.stream]) for w in box.values()]
        decided = plan(rows, table, now_s=now_s)
        for gone in decided.expired + decided.batch:
            del box[gone.stream]
        if decided.batch:
            for member in decided.batch:
                served_at[member.stream] = now_s
                good[member.stream] += 1
            now_s += table.mean_s(decided.bucket)
        elif index < len(arrivals):
            now_s = max(now_s, arrivals[index][0])
    return good


def _waiting(stream: int, *, deadline_s: float, served_at_s: float) -> Waiting:
    return Waiting(stream, deadline_s, served_at_s)


def _rate(decided: Plan, table: Table) -> float:
    return len(decided.batch) / table.mean_s(decided.bucket) if decided.batch else 0.0
