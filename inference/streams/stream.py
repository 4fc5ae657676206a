"""One Observe call: reads messages, answers every one of them, ends with everything on disk.

Three tasks. The reader drains the wire: frames go to the engine's mailbox at once, so that a newer
one can supersede them; events wait in a queue of `MAX_EVENTS`, and only when that is full does
reading pause.
The listener checks events and acknowledges them after they are on disk. The writer sends what the
outbox holds; a gateway that takes nothing for `SLOW_READER_S` loses the call.
"""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

from rapt.errors import InvalidMessage, NotPermitted, Unavailable

from inference.engine.engine import Engine
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
    Written,
)
from inference.metrics import Metrics
from inference.sessions.sessions import Carried, RowWriter, Sessions
from inference.streams.frames import Frames
from inference.streams.hearing import Hearing
from inference.streams.leaving import keep_able_to_leave
from inference.streams.outbox import Outbox
from inference.traces import Traces

MAX_EVENTS = 256
MAX_EVENTS_PER_SAVE = 64
SLOW_READER_S = 10.0
LOOKS = 4  # in that time, whether somebody reads
SETTLE_S = 2.0  # a frame under way at the close is answered if that takes no longer

Received = Request | InvalidMessage
"""What came, or an opening that breaks the contract."""
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
    traces: Traces | None = None
    """None = nobody wants to follow single streams."""


class Stream:
    """One call of one session."""

    def __init__(self, house: House, carried: Carried, *, number: int) -> None:
        self.tally = carried.tally
        self._outbox = Outbox()
        self.frames = Frames(
            house.engine,
            carried,
            number=number,
            metrics=house.metrics,
            outbox=self._outbox,
        )
        self._house = house
        self._carried = carried
        self._session = carried.session
        self._told: Written | None = None
        self._sending_since_s = math.inf
        """Since when an answer is on its way; infinite when none is."""
        carried.tell = self._outbox.tell_pace
        self._events: asyncio.Queue[Heard] = asyncio.Queue(MAX_EVENTS)
        self._hearing = Hearing(
            carried.session,
            writer=house.writer,
            metrics=house.metrics,
            refuse=self._shed,
        )

    async def run(self, requests: AsyncIterator[Received], send: Send) -> None:
        """Serve the call to its end.

        Raises:
            InvalidMessage: a second opening.
            NotPermitted: another call took the session.
            Unavailable: the gateway does not read, or the worker drains.
        """
        self._outbox.put(self._house.opened)
        try:
            async with asyncio.TaskGroup() as tasks:
                beside = [
                    tasks.create_task(self._watch()),
                    tasks.create_task(self._mind_reader()),
                    tasks.create_task(keep_able_to_leave(self._carried, self._outbox)),
                ]
                tasks.create_task(self._read(requests))
                tasks.create_task(self._listen())
                await self._write(send)
                for task in beside:
                    task.cancel()
        finally:
            self.frames.cancel()
            self._house.sessions.leave(self._carried)
            self._house.metrics.answers_replaced.inc(self._outbox.replaced)

    # The tasks.

    async def _read(self, requests: AsyncIterator[Received]) -> None:
        async for request in requests:
            match request:
                case Frame():
                    self.frames.take(request)
                case PlayerEvent():
                    await self._events.put(request)
                case Closing():
                    await self._events.put(request)
                    return
                case Shed(event_seq=None):
                    self.frames.take_malformed(request)
                case Shed():
                    await self._events.put(request)
                case Opening():
                    raise InvalidMessage("a second open in one call; open comes once, first")
                case InvalidMessage():
                    raise request
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
            self._sending_since_s = time.monotonic()
            await send(response, pace)
            self._sending_since_s = math.inf

    async def _mind_reader(self) -> None:
        """End the call when its gateway does not read; answers need no timer of their own."""
        while time.monotonic() - self._sending_since_s < SLOW_READER_S:  # noqa: ASYNC110  # time passes without an event
            await asyncio.sleep(SLOW_READER_S / LOOKS)
        raise Unavailable(f"nothing was read for {SLOW_READER_S:.0f} s")

    async def _watch(self) -> None:
        """End the call when another one takes its session."""
        if self._carried.displaced is not None:
            await self._carried.displaced.wait()
            raise self._carried.why or NotPermitted("the session goes on in another call")

    def _shed(self, shed: Shed) -> None:
        """Say that a player event will not be used."""
        self.tally.count_shed(shed)
        self._house.metrics.count_shed(shed)
        self._outbox.put(shed)

    # The end.

    async def _finish(self, closing: Closing | None) -> None:
        """Answer what is under way, write everything down, and say so."""
        with suppress(TimeoutError):
            async with asyncio.timeout(SETTLE_S):
                await self.frames.settled()
        self.frames.cancel()
        if closing is not None:
            await self._house.sessions.close(self._carried, closing.reason)
            self._outbox.put(self._closed())
        elif self._carried.draining.is_set():
            await self._house.sessions.hand_over(self._carried)
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
        written, terms = self._session.written, self.frames.terms
        return Pace(
            acked_sequence=self.tally.acked_sequence,
            acked_event_seq=self._session.gate.numbers.acked,
            fps_milli=terms.fps_milli if terms.is_measured else 0,
            credits=1 if terms.is_measured else 0,
            width_px=self.frames.watching.width_px(terms),
            level=terms.level,
            written=None if written == self._told else written,
        )
