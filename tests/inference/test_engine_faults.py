"""One client leaves, or the device breaks: everyone else is served."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from rapt.deadline import Deadline
from structlog.testing import capture_logs

from inference.engine.device import DeviceLost
from inference.engine.engine import Engine, Held
from inference.messages import ShedReason
from inference.metrics import Metrics
from inference.scheduling.latency import LatencyTable
from inference.scheduling.plan import Policy
from tests.inference.calling import WITHIN_S
from tests.inference.devices import SteppedDevice


class Asker:
    """Owns frames and writes down what became of them."""

    tenant = 1
    cost = 1
    served_at_s = 0.0

    def __init__(self, number: int) -> None:
        self.number = number
        self.outcomes: list[str] = []
        self.done = asyncio.Event()

    def job(self, held: Held) -> int:
        """Ask by number."""
        return held.owner.number

    def answer(self, held: Held, result: int, *, started_s: float) -> None:
        """Take the number."""
        assert started_s >= held.arrived_s
        assert result == self.number
        self._note("answered")

    def shed(self, held: Held, reason: ShedReason, detail: str) -> None:
        """Take why there is none."""
        assert held.owner is self
        assert detail
        self._note(reason.name.lower())

    def _note(self, outcome: str) -> None:
        self.outcomes.append(outcome)
        self.done.set()


class Bench:
    """An engine with a stepped device, which knows how long things take."""

    def __init__(self) -> None:
        self.device = SteppedDevice()
        table = LatencyTable(self.device.buckets)
        for bucket in self.device.buckets:
            table.add(bucket, 0.001)
        self.metrics = Metrics()
        self.engine = Engine(self.device, table, self.metrics, policy=Policy(max_wait_s=0.0))
        self.numbers = iter(range(1, 100))

    def ask(self, count: int) -> list[Asker]:
        """Offer a frame of each of some new owners."""
        askers = [Asker(next(self.numbers)) for _ in range(count)]
        for asker in askers:
            self.offer(asker)
        return askers

    def offer(self, asker: Asker, budget_s: float = 20.0) -> None:
        """Offer one frame."""
        now_s = time.monotonic()
        self.engine.offer(Held(asker, None, now_s, 0.0, Deadline(now_s + budget_s)))

    async def is_reached(self, gate: str, times: int = 1) -> None:
        """Wait until the device comes to one of its steps."""
        for _ in range(times):
            reached = getattr(self.device, gate).reached
            assert await asyncio.to_thread(reached.acquire, timeout=WITHIN_S)


@asynccontextmanager
async def running_bench() -> AsyncIterator[Bench]:
    """Run the engine until the body is done."""
    bench = Bench()
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(bench.engine.run())
        try:
            yield bench
        finally:
            bench.device.release()
            running.cancel()
    bench.engine.close()


async def settled(askers: list[Asker]) -> list[list[str]]:
    """Wait until each has an outcome, and a moment longer for a second one."""
    async with asyncio.timeout(WITHIN_S):
        for asker in askers:
            await asker.done.wait()
    return [asker.outcomes for asker in askers]


@pytest.mark.parametrize("where", ["mailbox", "preparing", "staged", "running"])
async def test_one_of_four_leaves_and_three_are_answered(where: str) -> None:
    """Wherever it is: its mates get theirs, it gets one outcome, nothing is left, no error."""
    before = asyncio.all_tasks()
    with capture_logs() as logs:
        async with running_bench() as bench:
            four = await _bring(bench, where)
            bench.engine.leave(four[1])
            bench.device.release()
            outcomes = await settled(four)
            await asyncio.sleep(0)
            assert bench.engine._under_way == []
    assert outcomes == [["answered"], ["cancelled"], ["answered"], ["answered"]]
    assert asyncio.all_tasks() == before
    assert [entry for entry in logs if entry["log_level"] not in {"debug", "info"}] == []
    ran = [number for batch in bench.device.ran for number in batch]
    assert (four[1].number in ran) == (where != "mailbox")


async def _bring(bench: Bench, where: str) -> list[Asker]:
    """Bring four frames to a place on their way, and hold them there."""
    if where == "preparing":
        bench.device.preparing.close()
        four = bench.ask(4)
        await bench.is_reached("preparing")
        return four
    bench.device.running.close()
    if where == "running":
        four = bench.ask(4)
        await bench.is_reached("running")
        return four
    bench.ask(1)
    await bench.is_reached("running")
    if where == "mailbox":
        bench.ask(1)  # takes the second slot
        await bench.is_reached("preparing", times=2)
        return bench.ask(4)
    four = bench.ask(4)
    await bench.is_reached("preparing", times=2)
    return four


async def test_a_staged_batch_that_everyone_left_is_not_run() -> None:
    """The device goes on with the next one."""
    async with running_bench() as bench:
        four = await _bring(bench, "staged")
        for asker in four:
            bench.engine.leave(asker)
        (later,) = bench.ask(1)
        bench.device.release()
        await settled([later])
    assert len(bench.device.ran) == 2
    assert later.outcomes == ["answered"]


async def test_at_most_one_batch_runs_and_one_is_staged() -> None:
    """Whatever arrives meanwhile stays in its mailbox, where newer frames replace it."""
    async with running_bench() as bench:
        await _bring(bench, "staged")
        waiting = bench.ask(3)
        bench.offer(waiting[0])
        assert waiting[0].outcomes == ["superseded"]
        assert len(bench.engine._under_way) == 2
        assert len(bench.device.prepared) == 2
        for asker in waiting:
            asker.done.clear()
        bench.device.release()
        await settled(waiting)
    assert waiting[0].outcomes == ["superseded", "answered"]


async def test_what_is_held_is_bounded_by_the_number_of_streams() -> None:
    """However often they send: one frame each, and two batches."""
    async with running_bench() as bench:
        bench.device.running.close()
        askers = bench.ask(40)
        for _ in range(20):
            for asker in askers:
                bench.offer(asker)
            await asyncio.sleep(0)
        held = len(bench.engine._waiting) + sum(len(b.members()) for b in bench.engine._under_way)
        assert held <= len(askers) + 2 * bench.device.buckets[-1]
        offered = 21 * len(askers)
        assert sum(len(asker.outcomes) for asker in askers) == offered - held


async def test_a_model_that_raises_answers_its_batch_and_the_next_one_runs() -> None:
    """Four typed answers, none twice."""
    async with running_bench() as bench:
        bench.device.breaks = RuntimeError("a shape is wrong")
        with capture_logs() as logs:
            outcomes = await settled(bench.ask(4))
        assert outcomes == [["refused_fault"]] * 4
        assert await settled(bench.ask(4)) == [["answered"]] * 4
    assert [entry["event"] for entry in logs if entry["log_level"] == "error"] == ["batch_failed"]


async def test_a_batch_too_large_for_the_memory_is_served_in_smaller_ones() -> None:
    """Nobody is refused for it, and the large bucket rests."""
    async with running_bench() as bench:
        bench.device.most_jobs = 2
        assert await settled(bench.ask(8)) == [["answered"]] * 8
        assert all(len(batch) <= 2 for batch in bench.device.ran)
        failed = bench.metrics.registry.get_sample_value("rapt_device_out_of_memory_total")
        assert failed in {2, 3}  # of eight, of four; another four may have been staged by then


async def test_the_large_bucket_comes_back_when_the_memory_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """After its rest it is tried again."""
    monkeypatch.setattr("inference.scheduling.ceiling.FIRST_REST_S", 0.0)
    async with running_bench() as bench:
        bench.device.most_jobs = 4
        bench.device.running.close()
        eight = bench.ask(8)
        await bench.is_reached("running")
        bench.device.most_jobs = 8
        bench.device.breaks = MemoryError()
        bench.device.release()
        assert await settled(eight) == [["answered"]] * 8
        assert [len(batch) for batch in bench.device.ran] == [8]


async def test_one_frame_too_large_for_the_memory_is_a_fault() -> None:
    """There is nothing smaller to try."""
    async with running_bench() as bench:
        bench.device.most_jobs = 0
        assert await settled(bench.ask(1)) == [["refused_fault"]]
        bench.device.most_jobs = 8
        assert await settled(bench.ask(1)) == [["answered"]]


async def test_a_lost_device_tells_everyone_and_ends_the_engine() -> None:
    """Running, staged and waiting frames get an answer; the engine says why it ends."""
    bench = Bench()
    bench.device.running.close()
    running = asyncio.create_task(bench.engine.run())
    first = bench.ask(1)
    await bench.is_reached("running")
    staged = bench.ask(2)
    await bench.is_reached("preparing", times=2)
    waiting = bench.ask(2)
    bench.device.breaks = SystemExit()
    bench.device.release()
    with pytest.raises(DeviceLost):
        await running
    outcomes = await settled([*first, *staged, *waiting])
    assert outcomes == [["refused_fault"]] * 5
    bench.engine.close()
