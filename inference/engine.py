"""One device: asks the plan, runs the pipeline, answers each frame on its own.

A batch is formed only when the device is free; until then frames wait in their mailboxes, where
newer ones replace them. One run at a time, in one thread; the loop stays free for the streams.

Cancel-safe: a frame whose stream is gone is left out before its run and ignored after it.
A fault in the pipeline is the answer of that batch, and the next batch runs.
"""

import asyncio
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

import structlog
from rapt.deadline import Deadline

from inference.messages import Frame, ShedReason
from inference.metrics import Metrics
from inference.perception.pipeline import Look, Seen, Unreadable
from inference.scheduling.latency import LatencyTable
from inference.scheduling.mailbox import Mailboxes
from inference.scheduling.plan import Plan, Waiting, plan

WARM_UP_RUNS = 5  # timed per bucket, after one that is not

log = structlog.get_logger()


class Looker(Protocol):
    """What looks at pictures."""

    def observe(self, looks: Sequence[Look]) -> list[Seen | Unreadable]:
        """Answer each look, in order."""


class Owner(Protocol):
    """The stream that a frame belongs to."""

    @property
    def number(self) -> int:
        """Which stream, in this process."""

    @property
    def served_at_s(self) -> float:
        """When it last got a verdict, or was opened."""

    def look(self, frame: Frame) -> Look:
        """Return what the pipeline needs to look at this frame now."""

    def answer(self, held: "Held", result: Seen | Unreadable, *, started_s: float) -> None:
        """Take what was seen."""

    def shed(self, held: "Held", reason: ShedReason, detail: str) -> None:
        """Take that nothing will be."""


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """A frame between its arrival and its answer."""

    owner: Owner
    frame: Frame
    arrived_s: float
    excess_s: float
    deadline: Deadline


class Engine:
    """Runs one pipeline for many streams."""

    def __init__(self, pipeline: Looker, table: LatencyTable, metrics: Metrics) -> None:
        self.table = table
        self._pipeline = pipeline
        self._metrics = metrics
        self._waiting: Mailboxes[Held] = Mailboxes()
        self._arrived = asyncio.Event()
        self._executor = ThreadPoolExecutor(1, "device")

    def offer(self, held: Held) -> None:
        """Put a frame into its stream's mailbox; the frame that was there is superseded."""
        superseded = self._waiting.put(held.owner.number, held)
        self._arrived.set()
        if superseded is not None:
            superseded.owner.shed(superseded, ShedReason.SUPERSEDED, "a newer frame came first")

    def leave(self, owner: Owner) -> None:
        """Take a stream's waiting frame out: the stream is gone."""
        held = self._waiting.take(owner.number)
        if held is not None:
            held.owner.shed(held, ShedReason.CANCELLED, "the stream closed first")

    async def warm_up(self, image: bytes) -> None:
        """Fill the latency table before the first stream comes."""
        began_s = time.perf_counter()
        for bucket in self.table.buckets:
            looks = [Look(image)] * bucket
            for run in range(1 + WARM_UP_RUNS):
                results, run_s = await self._run(looks)
                if run > 0:
                    self.table.add(bucket, run_s)
                looks = [Look(image, r.track) for r in results if isinstance(r, Seen)] or looks
        self._show_table()
        self._metrics.warm_up.set(time.perf_counter() - began_s)

    async def run(self) -> None:
        """Serve until cancelled; sleeps while nothing waits."""
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            while len(self._waiting) > 0:
                await self._step()

    def frame_s(self) -> float:
        """Return device-seconds per face in the best bucket."""
        return self.table.frame_s()

    def load(self, now_s: float) -> float:
        """Return the device-seconds that a second of arriving frames needs."""
        del now_s
        return 0.0

    def close(self) -> None:
        """Let the running batch finish and end the thread."""
        self._executor.shutdown(wait=True)

    async def _step(self) -> None:
        """Run one plan."""
        decided = plan(self._rows(), self.table, now_s=time.monotonic())
        for waiting in decided.expired:
            held = self._waiting.take(waiting.stream)
            if held is not None:
                held.owner.shed(held, ShedReason.EXPIRED, "no answer was possible in its budget")
        batch = [self._waiting.take(waiting.stream) for waiting in decided.batch]
        await self._serve([held for held in batch if held is not None], decided)

    async def _serve(self, batch: list[Held], decided: Plan) -> None:
        if not batch:
            return
        started_s = time.monotonic()
        try:
            results, run_s = await self._run([held.owner.look(held.frame) for held in batch])
            if len(results) != len(batch):
                raise ValueError(f"{len(results)} results for {len(batch)} frames")  # noqa: TRY301  # the same answer as any other fault of the pipeline
        except Exception:  # a batch is a task of its own: its fault is its frames' answer
            log.exception("batch_failed", frames=len(batch))
            for held in batch:
                held.owner.shed(held, ShedReason.REFUSED_FAULT, "our fault; send the next frame")
            return
        self._learn(decided, run_s)
        for held, result in zip(batch, results, strict=True):
            self._answer(held, result, started_s)

    def _answer(self, held: Held, result: Seen | Unreadable, started_s: float) -> None:
        """Answer one frame; its fault is not its neighbours'."""
        try:
            held.owner.answer(held, result, started_s=started_s)
        except Exception:  # one frame's fault must not reach its batch-mates
            log.exception("answer_failed")
            held.owner.shed(held, ShedReason.REFUSED_FAULT, "our fault; send the next frame")

    async def _run(self, looks: list[Look]) -> tuple[list[Seen | Unreadable], float]:
        """Look at a batch in the device's thread; return also how long it took there, seconds."""

        def timed() -> tuple[list[Seen | Unreadable], float]:
            started_s = time.perf_counter()
            results = self._pipeline.observe(looks)
            return results, time.perf_counter() - started_s

        return await asyncio.get_running_loop().run_in_executor(self._executor, timed)

    def _learn(self, decided: Plan, run_s: float) -> None:
        frames = len(decided.batch)
        if self.table.add(decided.bucket, run_s):
            self._metrics.run_outliers.inc()
        self._metrics.run.observe(run_s)
        self._metrics.device_busy.inc(run_s)
        self._metrics.batch_frames.observe(frames)
        self._metrics.batch_padding.inc(decided.bucket - frames)
        self._metrics.batch_cuts.labels(decided.cut.value).inc()
        self._show_table()

    def _show_table(self) -> None:
        for bucket in self.table.buckets:
            self._metrics.run_times.labels(str(bucket)).set(self.table.p95_s(bucket))
        self._metrics.capacity.set(1 / max(self.table.frame_s(), 1e-6))

    def _rows(self) -> list[Waiting]:
        return [
            Waiting(
                stream=stream,
                deadline_s=held.deadline.at_s,
                served_at_s=held.owner.served_at_s,
            )
            for stream, held in self._waiting
        ]
