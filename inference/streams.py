"""One Observe call: reads messages, answers every one of them, ends with everything on disk.

Three tasks. The reader drains the wire: frames go to the engine's mailbox at once, so that a newer
one can supersede them; events wait in a queue of `MAX_EVENTS`, and only when that is full does
reading pause.
The listener checks events and acknowledges them after they are on disk. The writer sends what the
outbox holds; a gateway that takes nothing for `SLOW_READER_S` loses the call.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

from rapt.errors import InvalidMessage, NotPermitted, Unavailable
from rapt.limits import MAX_FRAME_BYTES

from inference.engine import Engine, Held
from inference.hearing import Hearing
from inference.leaving import keep_able_to_leave
from inference.load import Load
from inference.messages import (
    Closed,
    Closing,
    Frame,
    Opened,
    Opening,
    Pace,
    PlayerEvent,
    Request,
    Response,
    Shed,
    ShedReason,
    Verdict,
    Written,
)
from inference.metrics import Metrics
from inference.outbox import Outbox
from inference.perception.look import Look, Seen, Unreadable
from inference.scheduling.freshness import Freshness, deadline_of
from inference.scheduling.ladder import LEVELS
from inference.sessions import RowWriter, Seat, Sessions
from inference.watching import Watching

MAX_EVENTS = 256
MAX_EVENTS_PER_SAVE = 64
SLOW_READER_S = 10.0
SETTLE_S = 2.0  # a frame under way at the close is answered if that takes no longer

Send = Callable[[Response, Pace], Awaitable[None]]
Heard = PlayerEvent | Shed | Closing | None


@dataclass(frozen=True, slots=True)
class House:
    """What all streams of a worker share."""

    engine: Engine
    load: Load
    sessions: Sessions
    writer: RowWriter
    metrics: Metrics
    opened: Opened


class Stream:
    """One call of one session."""

    def __init__(self, house: House, seat: Seat, *, number: int) -> None:
        self.number = number
        self.tenant = seat.session.sitting.tenant_id
        self.cost = 1
        self.served_at_s = self.heard_at_s = time.monotonic()
        self.unanswered_since_s: float | None = None
        self.terms = LEVELS[0]  # the load lowers them
        self.tally = seat.tally
        self._house = house
        self._seat = seat
        self._session = seat.session
        self._watching = Watching(seat.session)
        self._outbox = Outbox()
        self._told: Written | None = None
        seat.tell = self._outbox.tell_pace
        self._events: asyncio.Queue[Heard] = asyncio.Queue(MAX_EVENTS)
        self._hearing = Hearing(
            seat.session,
            writer=house.writer,
            metrics=house.metrics,
            refuse=self._shed,
        )
        self._freshness = Freshness()
        self._held: set[Held] = set()
        self._last_sequence = 0
        self._settled = asyncio.Event()
        self._settled.set()
        self._is_open = True

    async def run(self, requests: AsyncIterator[Request], send: Send) -> None:
        """Serve the call to its end.

        Raises:
            InvalidMessage: a second opening.
            NotPermitted: another call took the session.
            Unavailable: the gateway does not read, or the worker drains.
        """
        self._outbox.put(self._house.opened)
        try:
            async with asyncio.TaskGroup() as tasks:
                watch = tasks.create_task(self._watch())
                keep = tasks.create_task(keep_able_to_leave(self._seat, self._outbox))
                tasks.create_task(self._read(requests))
                tasks.create_task(self._listen())
                await self._write(send)
                watch.cancel()
                keep.cancel()
        finally:
            self._is_open = False
            for held in list(self._held):
                self.shed(held, ShedReason.CANCELLED, "the stream closed first")
            self._house.engine.leave(self)
            self._house.sessions.leave(self._seat)
            self._house.metrics.answers_replaced.inc(self._outbox.replaced)

    # What the engine asks.

    def job(self, held: Held) -> Look:
        """Return what the pipeline needs to look at this frame now."""
        return Look(_frame_of(held).image, self._session.track, self._watching.wants(self.terms))

    def answer(self, held: Held, result: Seen | Unreadable, *, started_s: float) -> None:
        """Judge what was seen and say so."""
        if held not in self._held:
            return  # the stream closed while it ran
        self.served_at_s = now_s = time.monotonic()
        self.unanswered_since_s = None
        if isinstance(result, Unreadable):
            reason = ShedReason["REJECTED_" + result.reason.name]
            self.shed(held, reason, result.detail)
            return
        taken_s = held.arrived_s - held.excess_s
        judgement, expression = self._watching.judge(result.observation, taken_s)
        self._session.track = result.track
        if not self._session.see(judgement, taken_s=taken_s):
            self._house.metrics.verdicts_too_late.inc()
        frame = _frame_of(held)
        verdict = Verdict(
            sequence=frame.sequence,
            captured_us=frame.captured_us,
            judgement=judgement,
            observation=result.observation,
            queue_us=_us(started_s - held.arrived_s),
            server_us=_us(now_s - held.arrived_s),
            at_ms=max(round(self._session.clock_s(taken_s) * 1000), 0),
            expression=expression,
        )
        self.tally.count_answered(frame.sequence)
        self._house.metrics.frames_answered.inc()
        self._house.metrics.frame_age.observe(now_s - taken_s)
        self._house.metrics.queue_wait.observe(started_s - held.arrived_s)
        self._outbox.put(verdict)
        self._release(held)

    def shed(self, held: Held, reason: ShedReason, detail: str) -> None:
        """Say that a frame will not be answered."""
        if held in self._held:
            self._shed(Shed(reason, detail, frame_sequence=_frame_of(held).sequence))
            self._release(held)

    # The tasks.

    async def _read(self, requests: AsyncIterator[Request]) -> None:
        async for request in requests:
            match request:
                case Frame():
                    self._take_frame(request)
                case PlayerEvent():
                    await self._events.put(request)
                case Closing():
                    await self._events.put(request)
                    return
                case Shed(event_seq=None | 0):
                    self._take_malformed(request)
                case Shed():
                    await self._events.put(request)
                case Opening():
                    raise InvalidMessage("a second open in one call; open comes once, first")
        await self._events.put(None)

    async def _listen(self) -> None:
        while True:
            heard = [await self._events.get()]
            while len(heard) < MAX_EVENTS_PER_SAVE and not self._events.empty():
                heard.append(self._events.get_nowait())
            events = [item for item in heard if isinstance(item, PlayerEvent | Shed)]
            if events:
                await self._hearing.keep(events)
                self._outbox.tell_pace()
            last = heard[-1]
            if last is None or isinstance(last, Closing):
                await self._finish(last)
                return

    async def _write(self, send: Send) -> None:
        while (response := await self._outbox.take(self.pace)) is not None:
            pace = self.pace()
            self._told = pace.written or self._told
            try:
                async with asyncio.timeout(SLOW_READER_S):
                    await send(response, pace)
            except TimeoutError:
                raise Unavailable(f"nothing was read for {SLOW_READER_S:.0f} s") from None

    async def _watch(self) -> None:
        """End the call when another one takes its session."""
        if self._seat.displaced is not None:
            await self._seat.displaced.wait()
            raise self._seat.why or NotPermitted("the session goes on in another call")

    # Frames.

    def _take_frame(self, frame: Frame) -> None:
        now_s = time.monotonic()
        self._receive()
        refused = self._refused(frame)
        self._last_sequence = max(self._last_sequence, frame.sequence)
        if refused is not None:
            reason, detail = refused
            self._shed(Shed(reason, detail, frame_sequence=frame.sequence))
            return
        excess_s = self._freshness.excess_s(
            arrived_s=now_s, captured_s=frame.captured_us / 1_000_000
        )
        self.heard_at_s = now_s
        if self.unanswered_since_s is None:
            self.unanswered_since_s = now_s
        deadline = deadline_of(frame.budget_ms, arrived_s=now_s, excess_s=excess_s)
        held = Held(self, frame, now_s, excess_s, deadline)
        self._held.add(held)
        self.tally.frames_held = len(self._held)
        self._settled.clear()
        self._house.engine.offer(held)

    def _refused(self, frame: Frame) -> tuple[ShedReason, str] | None:
        if frame.sequence <= self._last_sequence:
            detail = f"frame {frame.sequence} does not come after {self._last_sequence}"
            return ShedReason.REJECTED_SEQUENCE, detail
        if not frame.image:
            return ShedReason.REJECTED_EMPTY, "the frame holds no picture"
        if len(frame.image) > MAX_FRAME_BYTES:
            detail = f"{len(frame.image)} bytes, at most {MAX_FRAME_BYTES}"
            return ShedReason.REJECTED_TOO_MANY_BYTES, detail
        if not self.terms.is_measured:
            detail = "not measured now: the worker is full; it goes on by itself"
            return ShedReason.REFUSED_POOL_FULL, detail
        return None

    def _take_malformed(self, shed: Shed) -> None:
        if shed.frame_sequence is not None:
            self._receive()
            self._last_sequence = max(self._last_sequence, shed.frame_sequence)
        self._shed(shed)

    def _receive(self) -> None:
        self.tally.frames_received += 1
        self._house.metrics.frames_received.inc()

    def _release(self, held: Held) -> None:
        self._held.discard(held)
        self.tally.frames_held = len(self._held)
        if not self._held:
            self._settled.set()

    def _shed(self, shed: Shed) -> None:
        self.tally.count_shed(shed)
        self._house.metrics.count_shed(shed)
        if self._is_open:
            self._outbox.put(shed)

    # The end.

    async def _finish(self, closing: Closing | None) -> None:
        """Answer what is under way, write everything down, and say so."""
        with suppress(TimeoutError):
            async with asyncio.timeout(SETTLE_S):
                await self._settled.wait()
        self._house.engine.leave(self)
        for held in list(self._held):
            self.shed(held, ShedReason.CANCELLED, "the stream closed first")
        if closing is not None:
            await self._house.sessions.close(self._seat, closing.reason)
            self._outbox.put(self._closed())
        elif self._seat.draining.is_set():
            await self._house.sessions.hand_over(self._seat)
            self._outbox.put(self._session.checkpoint())
            self._outbox.tell_pace()
        self._outbox.end()

    def _closed(self) -> Closed:
        written = self._session.written
        return Closed(
            frames_received=self.tally.frames_received,
            frames_answered=self.tally.frames_answered,
            shed=self.tally.shed(),
            facts_written=written.facts,
            interactions_written=written.interactions,
            acked_event_seq=self._session.gate.numbers.acked,
        )

    def pace(self) -> Pace:
        """Return what the gateway may send, and what is safe."""
        written = self._session.written
        return Pace(
            acked_sequence=self.tally.acked_sequence,
            acked_event_seq=self._session.gate.numbers.acked,
            fps_milli=self.terms.fps_milli if self.terms.is_measured else 0,
            credits=1 if self.terms.is_measured else 0,
            width_px=self.terms.width_px,
            level=self.terms.level,
            written=None if written == self._told else written,
        )


def _frame_of(held: Held) -> Frame:
    assert held.frame is not None  # noqa: S101  # a stream offers nothing but frames
    return held.frame


def _us(interval_s: float) -> int:
    return max(round(interval_s * 1_000_000), 0)
