"""One device: asks the plan, runs the batch, answers each frame on its own.

A batch is formed only when the device has a slot free, and then as late as its preparation allows;
until then frames wait in their mailboxes, where newer ones replace them. Two slots: one batch runs,
the next is prepared meanwhile. There is never a list of formed batches.

Cancel-safe: every frame has exactly one outcome. A frame whose owner left is taken out of its
mailbox, and out of its batch; a batch that nobody waits for any more is not run.
A fault in the device is the answer of that batch, and the next batch runs. A batch too large for
the device's memory goes back to the mailboxes, and smaller ones are formed for a while.
"""

import asyncio
import math
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import structlog

from inference.engine.device import Device, DeviceLost, Driver, OutOfMemory, Timed
from inference.engine.explain import Explanations
from inference.engine.held import OUR_FAULT, Batch, Held, Owner
from inference.engine.times import Times
from inference.engine.warming import warm_up
from inference.messages import ShedReason
from inference.metrics import Metrics
from inference.scheduling.ceiling import Capped, Ceiling
from inference.scheduling.demand import Demand
from inference.scheduling.latency import LatencyTable
from inference.scheduling.mailbox import Mailboxes
from inference.scheduling.plan import USUAL, Plan, Policy, plan
from inference.scheduling.shares import Shares
from inference.scheduling.stages import Ran, StageRun

__all__ = ["Device", "DeviceLost", "Engine", "Held", "Owner", "Ran", "StageRun"]

log = structlog.get_logger()


class Engine:
    """Runs one device for many owners."""

    def __init__(
        self,
        device: Device[Any, Any, Any],
        table: LatencyTable,
        metrics: Metrics,
        *,
        policy: Policy = USUAL,
        slots: int = 2,
    ) -> None:
        """Put a device into service.

        Args:
            device: what runs.
            table: run times of its buckets; learned from now on.
            metrics: where everything is counted.
            policy: the operator's choices.
            slots: 2 = prepare the next batch while one runs; 1 where there is no core for that.
        """
        self.table = table
        self.weights: Callable[[], dict[int, float]] = dict
        """Asked for the weights of tenants that have another one than 1."""
        self.foresee: Callable[[list[tuple[Held, Any]]], None] | None = None
        """Told all results of a batch before the answers, for what is cheaper done at once."""
        self._metrics = metrics
        self._policy = policy
        self._driver = Driver(device, slots=slots)
        self._slots = asyncio.Semaphore(slots)
        self._times = Times(table, metrics)
        self._waiting: Mailboxes[Held] = Mailboxes()
        self._under_way: list[Batch] = []
        self._ran_at_s = time.monotonic()
        self._demand = Demand()
        self._shares = Shares()
        self._ceiling = Ceiling(table.buckets[-1])
        self.explanations = Explanations()
        self._news = asyncio.Event()
        self._earliest_s = 0.0
        """Earliest deadline among the frames that wait for company."""

    # What owners ask.

    def offer(self, held: Held) -> None:
        """Put a frame into its owner's mailbox; the frame that was there is superseded."""
        was_empty = len(self._waiting) == 0
        superseded = self._waiting.put(held.owner.number, held)
        if superseded is None:  # what is replaced costs the device nothing
            self._demand.add(held.owner.cost, held.arrived_s)
        if was_empty or self._is_pressing(held):
            self._news.set()
        if superseded is not None:
            superseded.owner.shed(superseded, ShedReason.SUPERSEDED, "a newer frame came first")

    def leave(self, owner: Owner) -> None:
        """Take out whatever an owner has here: it is gone."""
        gone = [held for batch in self._under_way for held in batch.take_of(owner)]
        for held in (*gone, *self._waiting.take([owner.number])):
            held.owner.shed(held, ShedReason.CANCELLED, "the stream closed first")

    def _is_pressing(self, held: Held) -> bool:
        """Whether a frame ends the wait for company. Others need not wake anybody."""
        is_full = len(self._waiting) == self.table.buckets[-1]
        return is_full or held.deadline.at_s < self._earliest_s

    # What the worker asks.

    def frame_s(self) -> float:
        """Return device-seconds per face in the best bucket."""
        return self._times.frame_s()

    def load(self, now_s: float) -> float:
        """Return the device-seconds that a second of arriving frames needs in the best bucket."""
        return self._demand.per_s(now_s) * self._times.frame_s()

    async def warm_up(self, job: Any, then: Callable[[Any], Any] | None = None) -> None:
        """Fill the latency tables before the first frame comes.

        Args:
            job: what the device is given, in every place of every bucket.
            then: makes the job after that from a result, as a stream goes on.
        """
        await warm_up(self._driver, self._times, job, then)

    async def run(self) -> None:
        """Serve until cancelled; sleeps while nothing waits.

        Raises:
            DeviceLost: nothing can be served any more; every owner was told.
        """
        lost: DeviceLost | None = None
        try:
            async with asyncio.TaskGroup() as batches:
                while True:
                    await self._slots.acquire()
                    batch = await self._form()
                    self._under_way.append(batch)
                    batches.create_task(self._serve(batch))
        except* DeviceLost as group:
            lost = next(e for e in group.exceptions if isinstance(e, DeviceLost))
        finally:
            self._give_up(is_lost=lost is not None)
        if lost is not None:
            raise lost

    def close(self) -> None:
        """Let the running batch finish and end the threads."""
        self._driver.close()

    # Forming.

    async def _form(self) -> Batch:
        """Form the next batch, as late as preparing it allows."""
        due_s = math.inf
        while True:
            self._news.clear()
            now_s = time.monotonic()
            wake_s, was_due_s, due_s = None, min(due_s, now_s), math.inf
            if len(self._waiting) > 0:
                wake_s = due_s = self._bind_at_s(now_s)
                if wake_s <= now_s:
                    decided = self._plan(now_s)
                    batch = self._take(decided)
                    if batch:
                        return Batch(batch, decided, due_s=was_due_s)
                    wake_s, due_s = decided.wake_s, math.inf
                    deadlines = (held.deadline.at_s for _, held in self._waiting)
                    self._earliest_s = min(deadlines, default=0.0)
            await self._sleep(wake_s)

    async def _sleep(self, until_s: float | None) -> None:
        """Sleep until something new, or until then."""
        left_s = None if until_s is None else max(until_s - time.monotonic(), 0.0)
        with suppress(TimeoutError):
            async with asyncio.timeout(left_s):
                await self._news.wait()

    def _bind_at_s(self, now_s: float) -> float:
        """When must the next batch be formed so that it is ready when the device is?"""
        free_s = self._free_at_s(now_s, self._times.earliest_s)
        return free_s - self._times.ahead_s(len(self._waiting))

    def _free_at_s(self, now_s: float, took_s: Callable[[int], float]) -> float:
        """When will the device be free, if its runs take so long?"""
        free_s = now_s
        for batch in self._under_way:
            free_s = batch.over_at_s(free_s, took_s)
        return free_s

    def _plan(self, now_s: float) -> Plan:
        load, waiting = self.load(now_s), [held.waiting() for _, held in self._waiting]
        prepare_s = self._times.prepare_s(len(waiting))
        decided = plan(
            waiting,
            Capped(self._times, self._ceiling.at(now_s, self.table.buckets[-1])),
            now_s=max(now_s, self._free_at_s(now_s, self._times.mean_s) - prepare_s),
            downstream_s=prepare_s,
            policy=self._policy,
            shares=Shares(self.weights(), self._shares.leads),
            load=load,
            rested_s=0.0 if self._under_way else now_s - self._ran_at_s,
        )
        self._shares = decided.shares
        self.explanations.add(decided, waiting, now_s=now_s, load=load)
        self._metrics.batch_cuts.labels(decided.cut.value).inc()
        return decided

    def _take(self, decided: Plan) -> list[Held]:
        """Take what was decided on out of the mailboxes."""
        for held in self._waiting.take(waiting.stream for waiting in decided.expired):
            held.owner.shed(held, ShedReason.EXPIRED, "no answer was possible in its budget")
        return self._waiting.take(waiting.stream for waiting in decided.batch)

    # Serving.

    async def _serve(self, batch: Batch) -> None:
        """Run one batch and give each member its outcome."""
        members = batch.seal()
        try:
            timed = await self._on_device(batch, members)
            if timed is not None and len(timed.ran.results) != len(members):
                raise ValueError(f"{len(timed.ran.results)} results for {len(members)} frames")  # noqa: TRY301  # the same answer as any other fault of the device
        except DeviceLost:
            log.exception("device_lost", frames=len(members))
            raise
        except OutOfMemory:
            self._shrink(batch)
        except Exception:  # a batch is a task of its own: its fault is its frames' answer
            log.exception("batch_failed", frames=len(members))
            batch.fail()
        else:
            if timed is not None:
                await self._answer(batch, timed)
        finally:
            if not batch.members():  # else the engine ends, and tells them
                self._under_way.remove(batch)

    async def _on_device(self, batch: Batch, members: Sequence[Held]) -> Timed | None:
        """Run a batch; once it has run, the next one is formed while this one is answered."""
        try:
            jobs = [held.owner.job(held) for held in members]
            return await self._driver.run(jobs, batch.begin, due_s=batch.due_s)
        finally:
            batch.is_run = True
            self._slots.release()
            self._news.set()

    async def _answer(self, batch: Batch, timed: Timed) -> None:
        """Answer each member; its fault is not its neighbours'. Then learn from the batch."""
        decided, began_s = batch.decided, time.perf_counter()
        self._ran_at_s = timed.started_s + timed.run_s
        started_s = timed.started_s - timed.prepare_s
        waits_s = [started_s - held.arrived_s for held in batch.members()]
        self.explanations.ran(batch, timed)
        self._foresee(batch, timed)
        for place, result in enumerate(timed.ran.results):
            held = batch.take(place)
            if held is None:
                continue  # its owner left; the others still get theirs
            try:
                held.owner.answer(held, result, started_s=started_s)
            except Exception:  # one frame's fault must not reach its batch-mates
                log.exception("answer_failed")
                held.owner.shed(held, ShedReason.REFUSED_FAULT, OUR_FAULT)
        took_s = time.perf_counter() - began_s
        await asyncio.sleep(0)  # whoever sends the answers comes first
        self._times.answered(decided, timed, waits_s, answer_s=took_s)

    def _foresee(self, batch: Batch, timed: Timed) -> None:
        """Let what is cheaper for all at once be done; each answer can do without."""
        try:
            if self.foresee is not None:
                self.foresee(batch.pair(timed.ran.results))
        except Exception:  # one frame's fault must not reach its batch-mates
            log.exception("foresight_failed")

    def _shrink(self, batch: Batch) -> None:
        """Send a batch that did not fit back to the mailboxes, and form smaller ones now."""
        now_s, bucket = time.monotonic(), batch.decided.bucket
        log.warning("device_out_of_memory", bucket=bucket)
        self._metrics.out_of_memory.inc()
        if bucket <= self.table.buckets[0]:
            batch.fail()
            return
        self._ceiling = self._ceiling.lowered(bucket, self.table.buckets, now_s)
        for held in batch.take_all():
            older = self._waiting.put_back(held.owner.number, held)
            if older is not None:
                older.owner.shed(older, ShedReason.SUPERSEDED, "a newer frame came first")

    def _give_up(self, *, is_lost: bool) -> None:
        """Tell everyone who still waits that nothing will come."""
        reason = ShedReason.REFUSED_FAULT if is_lost else ShedReason.REFUSED_UNAVAILABLE
        under_way = [held for batch in self._under_way for held in batch.take_all()]
        waiting = self._waiting.take([number for number, _ in self._waiting])
        for held in (*under_way, *waiting):
            held.owner.shed(held, reason, "this worker is going away; open the session again")
