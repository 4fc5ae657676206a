"""Who may open a stream, and on which terms does everyone send?"""

from dataclasses import dataclass
from itertools import pairwise

import pytest
from rapt.errors import PoolFull, QuotaSpent

from inference.load import TICK_S, Load
from inference.metrics import Metrics
from inference.scheduling.ladder import (
    DOWN_AFTER_S,
    LAST,
    LEVELS,
    UP_AFTER_S,
    Levels,
    Terms,
    levels_of,
)


@dataclass
class Scales:
    """A device that needs so long for a face, and has so much to do."""

    face_s: float = 0.01
    demand: float = 0.0

    def frame_s(self) -> float:
        """Return device-seconds per face."""
        return self.face_s

    def load(self, now_s: float) -> float:
        """Return device-seconds per second."""
        assert now_s >= 0
        return self.demand


@dataclass
class OpenStream:
    """A stream that sends frames."""

    number: int
    tenant: int = 1
    cost: int = 1
    heard_at_s: float = 0.0
    unanswered_since_s: float | None = None
    terms: Terms = LEVELS[0]


@dataclass(frozen=True)
class Allowance:
    """What a tenant may use."""

    max_streams: int | None = None
    frames_per_s: float | None = None


class Worker:
    """A load, its device and its streams."""

    def __init__(
        self,
        face_s: float = 0.01,
        weights: dict[int, float] | None = None,
        levels: Levels = LEVELS,
    ) -> None:
        self.scales = Scales(face_s)
        self.metrics = Metrics()
        self.load = Load(self.scales, self.metrics, weights=weights, levels=levels)
        self.streams: list[OpenStream] = []
        self.now_s = 0.0

    def open(self, count: int = 1, *, tenant: int = 1, quota: Allowance | None = None) -> None:
        """Open streams."""
        for _ in range(count):
            self.load.admit(tenant, quota=quota)
            stream = OpenStream(len(self.streams), tenant)
            self.streams.append(stream)
            self.load.join(stream, quota=quota)

    def wait(self, seconds: float) -> None:
        """Let time pass while every stream goes on sending."""
        for _ in range(round(seconds / TICK_S)):
            self.now_s += TICK_S
            for stream in self.streams:
                stream.heard_at_s = self.now_s
            self.load.tick(self.now_s)

    def fps(self) -> set[int]:
        """Return the rates of all streams."""
        return {stream.terms.fps_milli for stream in self.streams}


def test_everyone_is_asked_for_less_before_anyone_is_refused() -> None:
    """At 10 ms a frame: two frames a second for 42 streams, one for 85, half of one for 170."""
    worker = Worker()
    for count, fps_milli, level in ((42, 2000, 0), (43, 1000, 1), (85, 500, 2)):
        worker.open(count)
        assert worker.fps() == {fps_milli}
        assert worker.load.level == level
        assert {stream.terms.level for stream in worker.streams} == {level}
    with pytest.raises(PoolFull):
        worker.open()
    assert worker.metrics.registry.get_sample_value("rapt_streams_open") == 170


def test_what_streams_would_need_is_known_when_they_were_asked_for_less() -> None:
    """43 of them need 86 % at two frames a second, though they send one; those that left none."""
    worker = Worker()
    assert worker.load.full_rate() == 0
    worker.open(43)
    assert worker.fps() == {1000}
    assert worker.load.full_rate() == pytest.approx(0.86)
    worker.load.leave(worker.streams.pop())
    assert worker.fps() == {2000}
    assert worker.load.full_rate() == pytest.approx(0.84)


def test_a_worker_that_was_told_to_looks_more_often_while_it_can() -> None:
    """Eight times a second for ten people; as many are let in at the end as elsewhere."""
    worker = Worker(levels=levels_of(8000))
    for count, fps_milli, level in (
        (10, 8000, 0),
        (1, 5000, 1),
        (31, 2000, 2),
        (43, 1000, 3),
        (85, 500, 4),
    ):
        worker.open(count)
        assert worker.fps() == {fps_milli}
        assert {stream.terms.level for stream in worker.streams} == {level}
    with pytest.raises(PoolFull):
        worker.open()


def test_whoever_leaves_makes_room_and_the_others_send_more_again() -> None:
    """The rate follows the number of streams."""
    worker = Worker()
    worker.open(43)
    worker.load.leave(worker.streams.pop())
    assert worker.fps() == {2000}
    assert len(worker.load) == 42


def test_a_tenant_that_has_spent_its_quota_is_told_so_and_not_that_the_worker_is_full() -> None:
    """Also when both are true; another tenant is not touched."""
    worker = Worker(face_s=1.7)
    worker.open(tenant=2, quota=Allowance(max_streams=1))
    with pytest.raises(QuotaSpent):
        worker.open(tenant=2, quota=Allowance(max_streams=1))
    with pytest.raises(PoolFull):
        worker.open(tenant=3)
    refused = worker.metrics.registry.get_sample_value
    assert refused("rapt_streams_refused_total", {"reason": "quota_spent"}) == 1
    assert refused("rapt_streams_refused_total", {"reason": "pool_full"}) == 1


def test_frames_a_second_are_shared_by_the_streams_of_a_tenant() -> None:
    """Four streams of a tenant with four frames a second send one each; nobody else is slower."""
    worker, quota = Worker(), Allowance(frames_per_s=4.0)
    worker.open(4, tenant=2, quota=quota)
    worker.open(4, tenant=3)
    assert [stream.terms.fps_milli for stream in worker.streams] == [1000] * 4 + [2000] * 4
    assert [stream.terms.most_fps_milli for stream in worker.streams] == [1000] * 4 + [30_000] * 4
    assert [stream.terms.level for stream in worker.streams] == [1] * 4 + [0] * 4
    worker.open(4, tenant=2, quota=quota)
    with pytest.raises(QuotaSpent):
        worker.open(tenant=2, quota=quota)


def test_a_refused_opening_leaves_nothing_behind() -> None:
    """Not even the quota that came with it."""
    worker = Worker(face_s=10.0)
    with pytest.raises(PoolFull):
        worker.open(tenant=2, quota=Allowance(frames_per_s=0.5))
    worker.scales.face_s = 0.01
    worker.open(tenant=2)
    assert worker.fps() == {2000}


def test_a_room_counts_as_many_faces() -> None:
    """One room of eight faces takes the place of eight students."""
    worker = Worker(face_s=0.2)
    worker.load.admit(1, faces=8)
    with pytest.raises(PoolFull):
        worker.load.admit(1, faces=9)


def test_a_room_that_fills_slows_everyone_and_leaves_nothing_behind() -> None:
    """At 10 ms a face 42 faces can be looked at twice a second."""
    worker = Worker()
    worker.open(20)
    room = worker.streams[-1]
    for cost, fps_milli in ((23, 2000), (24, 1000), (1, 2000), (32, 1000)):
        room.cost = cost
        worker.wait(TICK_S)
        assert worker.fps() == {fps_milli}
    room.cost = 7  # since the last tick
    worker.load.leave(worker.streams.pop())
    worker.open(23)
    assert worker.fps() == {2000}


def test_streams_that_are_told_nothing_bring_the_worker_down_the_ladder() -> None:
    """One step for each two seconds of trouble; new streams are refused at its end."""
    worker = Worker()
    worker.open(10)
    worker.streams[3].unanswered_since_s = 0.0
    levels = []
    for _ in range(LAST + 1):
        worker.wait(DOWN_AFTER_S + TICK_S)
        levels.append(worker.load.level)
    assert levels[0] <= 1
    assert levels[-1] == LAST
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert worker.streams[0].terms.has_expression is False
    with pytest.raises(PoolFull):
        worker.open()
    assert worker.metrics.registry.get_sample_value("rapt_degradation_level") == LAST


def test_trouble_takes_something_from_everyone_however_many_they_are() -> None:
    """A class that sends seldom because it is large goes on from there, not from the top."""
    worker = Worker()
    worker.open(100)
    assert worker.load.level == 2
    worker.scales.demand = 1.0
    worker.wait(DOWN_AFTER_S + TICK_S)
    assert worker.load.level == 3


def test_it_climbs_back_after_half_a_minute_of_ease() -> None:
    """One step at a time."""
    worker = Worker()
    worker.open(10)
    worker.scales.demand = 1.0
    worker.wait(3 * (DOWN_AFTER_S + TICK_S))
    down = worker.load.level
    worker.scales.demand = 0.1
    worker.wait(UP_AFTER_S + 2 * TICK_S)
    assert worker.load.level == down - 1


def test_a_stream_that_sends_nothing_waits_for_nothing() -> None:
    """A camera that was switched off after its last frame is no trouble."""
    worker = Worker()
    worker.open(2)
    worker.streams[0].unanswered_since_s = 0.0
    for _ in range(40):
        worker.now_s += TICK_S
        worker.load.tick(worker.now_s)
    assert worker.load.level == 0


def test_at_the_end_the_newest_of_whoever_has_most_are_left_out_and_come_back() -> None:
    """The device became ten times slower; a small tenant keeps all its streams."""
    worker = Worker()
    worker.open(60, tenant=1)
    worker.open(5, tenant=2)
    worker.scales.face_s, worker.scales.demand = 0.1, 2.0
    worker.wait(6 * (DOWN_AFTER_S + TICK_S))
    out = [stream for stream in worker.streams if not stream.terms.is_measured]
    assert {stream.tenant for stream in out} == {1}
    assert [stream.number for stream in out] == list(range(60 - len(out), 60))
    assert len(worker.streams) - len(out) == 17
    worker.scales.demand = 0.5
    worker.wait(2 * UP_AFTER_S)
    assert [stream for stream in worker.streams if not stream.terms.is_measured] == out
    worker.scales.face_s, worker.scales.demand = 0.01, 0.1
    worker.wait(UP_AFTER_S + 2 * TICK_S)
    assert all(stream.terms.is_measured for stream in worker.streams)


def test_at_the_end_a_tenant_of_more_weight_keeps_more() -> None:
    """Whoever opened its streams: itself, or a gateway for it."""
    worker = Worker(weights={1: 100.0})
    worker.open(60, tenant=1)
    worker.open(5, tenant=2)
    worker.scales.face_s, worker.scales.demand = 0.1, 2.0
    worker.wait(6 * (DOWN_AFTER_S + TICK_S))
    measured = [stream.tenant for stream in worker.streams if stream.terms.is_measured]
    assert measured == [1] * 17
