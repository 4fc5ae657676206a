"""What would become of these frames on one device?"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import pairwise

from hypothesis import example, given, settings
from hypothesis import strategies as st

from inference.scheduling.latency import LatencyTable
from inference.scheduling.plan import USUAL, Policy
from inference.scheduling.shares import Shares
from inference.scheduling.simulate import Arrival, Ours, Taken, simulate, warm

BUCKETS = (1, 2, 4, 8)
FEW = (1, 2, 4)


def run_s(taken: Taken) -> float:
    """A device that needs 4 ms and half a millisecond a frame."""
    return 0.004 + 0.0005 * taken.bucket


class Watched(Ours):
    """Ours, with a note of every frame that was given to the device."""

    def __init__(self, table: LatencyTable, **settings: object) -> None:
        super().__init__(table, **settings)  # type: ignore[arg-type]  # by name
        self.most_held = 0
        self.batches: list[Taken] = []
        self.began_s: list[float] = []
        """When each of them began."""

    def take(self, now_s: float) -> Taken:
        """Take, and note."""
        self.most_held = max(self.most_held, len(self._waiting))
        taken = super().take(now_s)
        if taken.batch:
            self.batches.append(taken)
            self.began_s.append(now_s)
        return taken


@st.composite
def loads(draw: st.DrawFn) -> list[Arrival]:
    """Arrivals of a few streams, in bursts and gaps."""
    frames = []
    for stream in range(draw(st.integers(1, 12))):
        at_s = draw(st.floats(0, 0.2))
        for _ in range(draw(st.integers(0, 12))):
            at_s += draw(st.floats(0.0001, 0.05))
            late_s = draw(st.floats(0, 0.1))
            budget_s = draw(st.floats(0.005, 0.3))
            tenant, captured_s = stream % 3, at_s - late_s
            frames.append(Arrival(at_s, captured_s, stream, captured_s + budget_s, tenant))
    return sorted(frames, key=lambda frame: frame.at_s)


@given(loads(), st.sampled_from([0.0, 0.008, 0.04]))
def test_nothing_is_lost_or_answered_twice_late_or_in_the_wrong_order(
    frames: list[Arrival], max_wait_s: float
) -> None:
    """One outcome each, newest wins, one of a stream in a batch, all in time, one held a stream."""
    queue = Watched(warm(BUCKETS, run_s), policy=Policy(max_wait_s=max_wait_s))
    course = simulate(frames, queue, run_s)
    answered = [answer.frame for answer in course.answers]
    waiting = [frame for _, frame in queue._waiting]
    assert Counter([*answered, *course.superseded, *course.expired, *waiting]) == Counter(frames)
    assert all(a.answered_s <= a.frame.deadline_s + 1e-9 for a in course.answers)
    of_stream = defaultdict(list)
    for frame in answered:
        of_stream[frame.stream].append(frame.at_s)
    assert all(times == sorted(times) for times in of_stream.values())
    for taken in queue.batches:
        streams = [frame.stream for frame in taken.batch]
        assert len(streams) == len(set(streams)) <= taken.bucket
    assert queue.most_held <= len({frame.stream for frame in frames})


@st.composite
def crowds(draw: st.DrawFn) -> list[Arrival]:
    """Arrivals of more streams of one tenant than run together, with no hurry at all."""
    frames = []
    for stream in range(draw(st.integers(FEW[-1] + 1, 3 * FEW[-1]))):
        at_s, gap_s = draw(st.floats(0, 0.1)), draw(st.sampled_from([0.03, 0.03, 0.3]))
        for _ in range(draw(st.integers(2, 10))):
            at_s += draw(st.floats(gap_s / 2, gap_s))
            frames.append(Arrival(at_s, at_s, stream, deadline_s=1e6))
    return sorted(frames, key=lambda frame: frame.at_s)


@given(crowds(), st.floats(0, 0.1), st.sampled_from([0.0, 0.008]))
def test_no_stream_waits_longer_than_the_streams_need_in_turn(
    frames: list[Arrival], slower_s: float, max_wait_s: float
) -> None:
    """While one waits no other has two turns; so all of them, one a run, is the longest wait."""

    def slow_s(taken: Taken) -> float:
        return run_s(taken) + slower_s

    queue = Watched(warm(FEW, slow_s), policy=Policy(max_wait_s=max_wait_s))
    simulate(frames, queue, slow_s)
    streams = len({frame.stream for frame in frames})
    longest_s = streams * slow_s(Taken((), FEW[-1])) + max_wait_s
    turns = [
        (began_s, [frame.stream for frame in taken.batch])
        for began_s, taken in zip(queue.began_s, queue.batches, strict=True)
    ]
    for frame in frames:
        before: list[int] = []
        for began_s, served in turns:
            if began_s >= frame.at_s:
                if frame.stream in served:
                    assert began_s - frame.at_s <= longest_s + 1e-9
                    break
                before += served
        else:
            raise AssertionError(f"nobody looked at stream {frame.stream} any more")
        assert len(before) == len(set(before))


def steady(streams: Sequence[tuple[int, int, float]]) -> list[Arrival]:
    """Arrivals of streams of some tenant, cost and gap, for longer than anyone should wait."""
    frames = [
        Arrival(gap_s * k + 0.001 * n, gap_s * k, n, 1e6, tenant, cost)
        for n, (tenant, cost, gap_s) in enumerate(streams)
        for k in range(int(8.0 / gap_s))
    ]
    return sorted(frames, key=lambda frame: frame.at_s)


STREAMS = st.tuples(st.integers(0, 2), st.integers(1, FEW[-1]), st.sampled_from([0.03, 0.03, 0.3]))
PASSED_OVER = [(0, 3, 0.03), (0, 2, 0.03), (0, 2, 0.03)]
"""Two faces in a run of two beat three in one of four."""
PASSED_BY_ITS_OWN = [(0, 4, 0.03), (0, 2, 0.03), (1, 3, 0.03), (1, 3, 0.03)]
"""Its tenant's smaller frames put the tenant ahead, so that the large one never had its turn."""


@settings(max_examples=40)
@given(st.lists(STREAMS, max_size=12), st.sampled_from([0.0, 0.004, 0.056]))
@example(PASSED_OVER, 0.0)
@example(PASSED_BY_ITS_OWN, 0.0)
def test_nobody_is_passed_over_for_longer_than_a_rescue_takes(
    streams: list[tuple[int, int, float]], idle_s: float
) -> None:
    """A rescue, then everyone in turn and two runs more; and that once for each tenant.

    The run under way when the frame arrives, and the one when it is first seen to starve. Who has
    many streams in a share of the device waits for its own.
    """

    def steady_s(taken: Taken) -> float:
        return idle_s + (0.060 - idle_s) * taken.bucket / FEW[-1]

    queue, frames = Watched(warm(FEW, steady_s)), steady(streams)
    simulate(frames, queue, steady_s)
    tenants = len({tenant for tenant, _, _ in streams})
    longest_s = tenants * (USUAL.rescue_s + (len(streams) + 1) * 0.060)
    served_s = defaultdict(list)
    for began_s, taken in zip(queue.began_s, queue.batches, strict=True):
        for frame in taken.batch:
            served_s[frame.stream].append(began_s)
    for frame in frames:
        turn_s = next(began_s for began_s in served_s[frame.stream] if began_s >= frame.at_s)
        assert turn_s - frame.at_s <= longest_s + 1e-9


@given(loads())
def test_same_arrivals_same_course(frames: list[Arrival]) -> None:
    """No clock, no chance."""
    one, other = (simulate(frames, Ours(warm(BUCKETS, run_s)), run_s) for _ in range(2))
    assert one == other


@given(st.integers(1, 6), st.floats(0.02, 1.0))
def test_a_device_that_can_serve_everyone_does(streams: int, budget_s: float) -> None:
    """A frame that was alone, and one that had company, are answered unless time was too short."""
    frames = [Arrival(0.1 * n, 0.1 * n, n, 0.1 * n + budget_s) for n in range(streams)]
    course = simulate(frames, Ours(warm(BUCKETS, run_s)), run_s)
    assert len(course.answers) == len(frames)


def test_tenants_share_a_full_device_by_weight() -> None:
    """Three times the weight, three times the frames, however many streams each has."""
    frames = sorted(
        (
            Arrival(0.01 * k + 0.0001 * (stream % 97), 0.01 * k, stream, 0.01 * k + 0.1, stream % 2)
            for stream in range(60)
            for k in range(300)
        ),
        key=lambda frame: frame.at_s,
    )
    shares = Shares({0: 3.0})
    course = simulate(frames, Ours(warm(BUCKETS, run_s), shares=shares), run_s)
    counts = [sum(a.frame.tenant == tenant for a in course.answers) for tenant in (0, 1)]
    assert 2.8 < counts[0] / counts[1] < 3.2


def test_frames_that_are_replaced_are_no_load() -> None:
    """Fifty bursts a second of twenty frames, of which one is run: there is time to wait."""
    frames = [Arrival(0.02 * n, 0.02 * n, n, 1e6) for n in range(100) for _ in range(20)]
    queue = Ours(warm(BUCKETS, run_s), policy=Policy(max_wait_s=0.04))
    course = simulate(frames, queue, run_s)
    assert len(course.superseded) == 19 * 100
    assert min(course.batches[-20:-1]) > 1


def test_a_table_that_learned_from_a_stalled_machine_learns_better() -> None:
    """Every frame seems to be late; a run a second shows that none is."""
    table = LatencyTable(BUCKETS)
    for bucket in BUCKETS:
        for _ in range(10):
            table.add(bucket, 0.5)
    frames = [Arrival(0.1 * n, 0.1 * n, 1, 0.1 * n + 0.2) for n in range(400)]
    course = simulate(frames, Ours(table), run_s)
    answered_s = [answer.answered_s for answer in course.answers]
    assert len(answered_s) > 200
    assert answered_s[1] - answered_s[0] >= 1.0
    assert max(b - a for a, b in pairwise(answered_s[-200:])) < 0.2
