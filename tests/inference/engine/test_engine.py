"""One device: plans, runs, answers."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from rapt.deadline import Deadline

from inference.engine.engine import Engine, Held
from inference.messages import Frame, ShedReason
from inference.metrics import Metrics
from inference.perception.pipeline import Look, Seen, Unreadable
from inference.scheduling.latency import LatencyTable
from inference.scheduling.plan import USUAL, Cut, Policy
from tests.inference.calling import GOOD
from tests.inference.fakes import BROKEN, POISON, FakePipeline


class Listener:
    """Owns frames and writes down what became of them."""

    served_at_s = 0.0
    tenant = 1
    cost = 1

    def __init__(self, number: int) -> None:
        self.number = number
        self.outcomes: list[tuple[int, str]] = []
        self.is_faulty = self.asks_wrongly = False
        self.done = asyncio.Event()

    def job(self, held: Held) -> Look:
        """Look without a track."""
        if self.asks_wrongly:
            raise RuntimeError("a bug in asking for this one")
        assert held.frame is not None
        return Look(held.frame.image)

    def answer(self, held: Held, result: Seen | Unreadable, *, started_s: float) -> None:
        """Take what was seen."""
        assert started_s >= held.arrived_s
        if self.is_faulty:
            raise RuntimeError("a bug in judging this one")
        self._note(held, type(result).__name__.lower())

    def shed(self, held: Held, reason: ShedReason, detail: str) -> None:
        """Take why nothing was seen."""
        assert detail
        self._note(held, reason.name.lower())

    def _note(self, held: Held, outcome: str) -> None:
        assert held.frame is not None
        self.outcomes.append((held.frame.sequence, outcome))
        self.done.set()


def a_held(owner: Listener, sequence: int = 1, image: bytes = GOOD, left_s: float = 9.0) -> Held:
    """Return a frame that arrived now."""
    now_s = time.monotonic()
    return Held(owner, Frame(sequence, 0, 1000, image), now_s, 0.0, Deadline(now_s + left_s))


@asynccontextmanager
async def running_engine(
    pipeline: FakePipeline, table: LatencyTable | None = None, policy: Policy = USUAL
) -> AsyncIterator[Engine]:
    """Run an engine until the body is done."""
    table = table or LatencyTable((1, 2, 4, 8))
    engine = Engine(pipeline, table, Metrics(), policy=policy)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(engine.run())
        try:
            yield engine
        finally:
            pipeline.may_go.set()
            running.cancel()
    engine.close()


async def answered(listeners: Sequence[Listener]) -> None:
    """Wait until each has an outcome."""
    async with asyncio.timeout(5):
        for listener in listeners:
            await listener.done.wait()


async def test_frames_that_wait_share_a_run_up_to_the_largest_bucket() -> None:
    """Nine streams wait while one is served: a batch of eight, then one."""
    pipeline = FakePipeline()
    first, rest = Listener(0), [Listener(number) for number in range(1, 10)]
    async with running_engine(pipeline) as engine:
        pipeline.may_go.clear()
        engine.offer(a_held(first))
        await asyncio.to_thread(pipeline.started.wait, 5)
        for listener in rest:
            engine.offer(a_held(listener))
        pipeline.may_go.set()
        await answered([first, *rest])
    assert pipeline.batches == [1, 8, 1]


async def test_a_batch_that_fails_is_answered_and_the_next_one_runs() -> None:
    """Each member gets the fault; the engine goes on."""
    pipeline = FakePipeline()
    sick, neighbour, later = Listener(1), Listener(2), Listener(3)
    async with running_engine(pipeline) as engine:
        engine.offer(a_held(sick, image=POISON))
        engine.offer(a_held(neighbour))
        await answered([sick, neighbour])
        engine.offer(a_held(later))
        await answered([later])
    assert sick.outcomes == neighbour.outcomes == [(1, "refused_fault")]
    assert later.outcomes == [(1, "seen")]


async def test_a_pipeline_that_loses_a_frame_is_a_fault() -> None:
    """Never a wrong answer to somebody else's frame."""

    class Forgetful(FakePipeline):
        def observe(self, looks: Sequence[Look]) -> list[Seen | Unreadable]:
            return super().observe(looks)[1:]

    listeners = [Listener(1), Listener(2)]
    async with running_engine(Forgetful()) as engine:
        for listener in listeners:
            engine.offer(a_held(listener))
        await answered(listeners)
    assert [listener.outcomes for listener in listeners] == [[(1, "refused_fault")]] * 2


async def test_an_unreadable_frame_and_a_faulty_answer_do_not_touch_their_neighbours() -> None:
    """Each frame is answered on its own."""
    unreadable, faulty, healthy = Listener(1), Listener(2), Listener(3)
    faulty.is_faulty = True
    async with running_engine(FakePipeline()) as engine:
        engine.offer(a_held(unreadable, image=BROKEN))
        engine.offer(a_held(faulty))
        engine.offer(a_held(healthy))
        await answered([unreadable, faulty, healthy])
    assert unreadable.outcomes == [(1, "unreadable")]
    assert faulty.outcomes == [(1, "refused_fault")]
    assert healthy.outcomes == [(1, "seen")]


async def test_an_owner_that_asks_wrongly_takes_no_place_with_it() -> None:
    """More often than there are places on the device; then others are served."""
    async with running_engine(FakePipeline()) as engine:
        for number in range(1, 5):
            wrong = Listener(number)
            wrong.asks_wrongly = True
            engine.offer(a_held(wrong))
            await answered([wrong])
            assert wrong.outcomes == [(1, "refused_fault")]
        healthy = Listener(9)
        engine.offer(a_held(healthy))
        await answered([healthy])
    assert healthy.outcomes == [(1, "seen")]


async def test_an_engine_that_thinks_itself_too_slow_finds_out() -> None:
    """Nothing seems to be possible in time, so one frame is run to see, then all are."""
    table = LatencyTable((1, 2, 4, 8))
    for bucket in table.buckets:
        table.add(bucket, 60.0)
    listeners = [Listener(number) for number in range(4)]
    async with running_engine(FakePipeline(), table, Policy(probe_s=0.0)) as engine:
        for listener in listeners:
            engine.offer(a_held(listener))
            await answered([listener])
        assert engine.explanations.last()[0].cut is Cut.PROBE
    assert [listener.outcomes for listener in listeners] == [[(1, "seen")]] * 4
    assert table.p95_s(8) < 1


async def test_a_stream_that_leaves_takes_its_waiting_frame_along() -> None:
    """It never reaches the device."""
    pipeline = FakePipeline()
    first, leaver = Listener(1), Listener(2)
    async with running_engine(pipeline) as engine:
        pipeline.may_go.clear()
        engine.offer(a_held(first))
        await asyncio.to_thread(pipeline.started.wait, 5)
        engine.offer(a_held(leaver))
        engine.leave(leaver)
        pipeline.may_go.set()
        await answered([first, leaver])
    assert leaver.outcomes == [(1, "cancelled")]
    assert pipeline.batches == [1]


async def test_a_newer_frame_supersedes_the_waiting_one() -> None:
    """The old one is answered at once."""
    pipeline = FakePipeline()
    first, stream = Listener(1), Listener(2)
    async with running_engine(pipeline) as engine:
        pipeline.may_go.clear()
        engine.offer(a_held(first))
        await asyncio.to_thread(pipeline.started.wait, 5)
        engine.offer(a_held(stream, 1))
        engine.offer(a_held(stream, 2))
        assert stream.outcomes == [(1, "superseded")]
        stream.done.clear()
        pipeline.may_go.set()
        await answered([stream])
    assert stream.outcomes == [(1, "superseded"), (2, "seen")]


async def test_a_frame_past_its_deadline_never_reaches_the_device() -> None:
    """It expires when the device is free."""
    pipeline = FakePipeline()
    late = Listener(1)
    async with running_engine(pipeline) as engine:
        engine.offer(a_held(late, left_s=-0.1))
        await answered([late])
    assert late.outcomes == [(1, "expired")]
    assert pipeline.batches == []


async def test_the_warm_up_fills_the_latency_table() -> None:
    """Every bucket has been measured before the first stream comes."""
    engine = Engine(FakePipeline(run_s=0.002), LatencyTable((1, 2)), Metrics())
    await engine.warm_up(Look(GOOD))
    assert engine.table.p95_s(1) >= 0.002
    assert engine.table.p95_s(2) >= 0.002
    engine.close()


async def test_every_plan_of_late_can_be_explained() -> None:
    """How many waited, what was chosen, and why."""
    listeners = [Listener(number) for number in range(3)]
    async with running_engine(FakePipeline()) as engine:
        for listener in listeners:
            engine.offer(a_held(listener))
        await answered(listeners)
        (explained,) = engine.explanations.last()
    assert (explained.waiting, explained.batch, explained.bucket) == (3, 3, 4)
    assert explained.cut is Cut.IDLE


async def test_the_demand_is_what_the_device_must_do() -> None:
    """Frames that were replaced cost it nothing."""
    engine = Engine(FakePipeline(), LatencyTable((1,)), Metrics())
    engine.table.add(1, 0.1)
    listener = Listener(1)
    for sequence in range(10):
        engine.offer(a_held(listener, sequence))
    assert 0 < engine.load(time.monotonic()) <= 0.1
    engine.close()


async def test_what_is_cheaper_done_at_once_is_done_before_the_answers() -> None:
    """All results of a batch, with their frames; without those who left."""
    pipeline = FakePipeline()
    told: list[list[tuple[Held, object]]] = []
    listeners = [Listener(number) for number in range(3)]
    async with running_engine(pipeline) as engine:
        engine.foresee = told.append
        pipeline.may_go.clear()
        for listener in listeners:
            engine.offer(a_held(listener))
        await asyncio.to_thread(pipeline.started.wait, 5)
        engine.leave(listeners[0])
        pipeline.may_go.set()
        await answered(listeners)
    assert [held.owner for held, _ in told[0]] == listeners[1:]
    assert all(isinstance(result, Seen) for _, result in told[0])


async def test_answers_can_do_without_foresight() -> None:
    """A fault in it is nobody's."""

    def fail(_: object) -> None:
        raise RuntimeError("one of these frames is poison")

    listeners = [Listener(1), Listener(2)]
    async with running_engine(FakePipeline()) as engine:
        engine.foresee = fail
        for listener in listeners:
            engine.offer(a_held(listener))
        await answered(listeners)
    assert [listener.outcomes for listener in listeners] == [[(1, "seen")]] * 2
