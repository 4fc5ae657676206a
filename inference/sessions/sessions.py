"""All sittings of this worker: opened, gone on with, written down, forgotten.

One task writes for everyone: every half second it collects what is due and saves it in one go.
A session whose call was cut is kept for `KEPT_S`, so that the next call goes on without a hole.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol

import structlog
from rapt.errors import (
    Fault,
    InvalidMessage,
    NotPermitted,
    RaptError,
    Rejected,
    Unavailable,
)
from rapt.limits import MAX_APART_S, MAX_CLOCK_ERROR_S, MAX_SITTING_S

from analytics.facts import ExitReason, Fact, Player, Row, Session
from inference.messages import Opening
from inference.metrics import Metrics
from inference.sessions.session import KEPT_S, LiveSession
from inference.sessions.tally import Tally

TICK_S = 0.5
DRAIN_PAUSE_S = 0.01  # so that the other workers are not asked by everyone at once
AT_ONCE = 8  # sessions are collected before everyone else has a turn: 2 ms
TELL_STREAMS = 500  # with more of them, news of the disk wait for the next answer
MAX_KEPT = 10_000  # sessions without a call; beyond it the oldest is forgotten

log = structlog.get_logger()


class RowWriter(Protocol):
    """Where rows become safe."""

    async def save(self, rows: Sequence[Row]) -> int:
        """Return when the rows are on disk, and how many of them were kept."""


@dataclass(slots=True, eq=False)
class Carried:
    """One session and the call that carries it."""

    session: LiveSession
    tally: Tally = field(default_factory=Tally)
    displaced: asyncio.Event | None = None
    """Set to end the call that holds the session; None without one."""
    why: RaptError | None = None
    """What the call is told when it has to end; None = another call took the session."""
    draining: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the call shall move to another worker."""
    leaves_by_s: float = 0.0
    """When it is cut otherwise."""
    left_s: float = 0.0
    """When the last call ended."""
    tell: Callable[[], None] = lambda: None
    """Called when more of the session is on disk."""
    done: asyncio.Event | None = None
    """Set when the last rows are on disk."""

    @property
    def grace_ms(self) -> int:
        """How long the call may still take to move."""
        return max(round((self.leaves_by_s - time.monotonic()) * 1000), 0)


class Sessions:
    """Sessions by (tenant, session)."""

    def __init__(self, writer: RowWriter, metrics: Metrics, *, model: str) -> None:
        self._writer = writer
        self._metrics = metrics
        self._model = model
        self._carried: dict[tuple[int, int], Carried] = {}
        self._news = asyncio.Event()
        self._left = asyncio.Event()
        self._saving = asyncio.Lock()
        self._is_draining = False

    def open(self, opening: Opening) -> Carried:
        """Let a call carry its session: the one that is known, else a new one.

        Raises:
            InvalidMessage: the opening lies in the future, or too long ago.
            NotPermitted: another device holds the session.
            Unavailable: the worker drains.
        """
        if self._is_draining:
            raise Unavailable("this worker is stopping; open the session elsewhere")
        now_s, here_us = time.monotonic(), time.time_ns() // 1000
        now_us = opening.now_us or here_us
        if abs(now_us - here_us) > MAX_APART_S * 1_000_000:
            raise InvalidMessage("the clocks of gateway and worker are a day apart; set them")
        if opening.opened_at_us > now_us + MAX_CLOCK_ERROR_S * 1_000_000:
            raise InvalidMessage("open.opened_at_us is more than five minutes ahead")
        if opening.opened_at_us < now_us - MAX_SITTING_S * 1_000_000:
            raise InvalidMessage("open.opened_at_us is more than a month ago; begin a new session")
        key = (opening.tenant_id, opening.session_id)
        session = self._take_over(key, opening)
        if session is not None:
            session.resume(opening, model=self._model, now_s=now_s, now_us=now_us)
        else:
            session = LiveSession(opening, model=self._model, now_s=now_s, now_us=now_us)
        session.ahead_us = now_us - here_us
        carried = Carried(session, displaced=asyncio.Event())
        self._carried.pop(key, None)  # the newest stands last
        self._carried[key] = carried
        self._news.set()
        return carried

    def _take_over(self, key: tuple[int, int], opening: Opening) -> LiveSession | None:
        """Take the session from the call that has it; None when a new one must begin."""
        carried = self._carried.get(key)
        if carried is None:
            return None
        if carried.session.sitting.fence > opening.fence:
            raise NotPermitted("another device holds this session")
        if carried.displaced is not None:
            carried.displaced.set()
        _settle(carried)  # a call that closes it does not wait for what is the new call's now
        return carried.session if carried.session.can_resume(opening) else None

    def leave(self, carried: Carried) -> None:
        """Note that the call was cut; a call that was displaced has left already."""
        if self._carried.get(_key(carried)) is carried and carried.displaced is not None:
            carried.displaced = None
            carried.left_s = time.monotonic()
            carried.session.cut(carried.left_s)
            self._news.set()
            self._left.set()

    async def close(self, carried: Carried, reason: ExitReason) -> None:
        """End the session; returns when its last rows are on disk."""
        if self._carried.get(_key(carried)) is carried:  # else another call has it now
            carried.session.end(reason, time.monotonic())
            await self._settle_all(carried)

    async def hand_over(self, carried: Carried) -> None:
        """Let the next worker have the session; returns when all that was due is on disk."""
        if self._carried.get(_key(carried)) is carried and carried.displaced is not None:
            carried.session.hand_over(time.monotonic())
            await self._settle_all(carried)

    async def _settle_all(self, carried: Carried) -> None:
        carried.displaced = None
        carried.left_s = time.monotonic()
        done = carried.done = asyncio.Event()
        self._news.set()
        self._left.set()
        await done.wait()

    @property
    def _tells_at_once(self) -> bool:
        """Whether telling every stream each second costs little: 3 % of a core at most."""
        return len(self._carried) <= TELL_STREAMS

    async def run(self) -> None:
        """Write what is due until cancelled; nothing is done while there is no session."""
        while True:
            due_s = time.monotonic() + TICK_S
            try:
                async with asyncio.timeout(TICK_S if self._carried else None):
                    await self._news.wait()
            except TimeoutError:
                self._metrics.event_loop_lag.set(time.monotonic() - due_s)
            self._news.clear()
            await self.flush()
            self._forget()

    async def flush(self) -> None:
        """Save everything that is due now; sessions apart, so that none spoils another's rows.

        Frames do not wait until all are collected: that would be a stall of many runs' length.
        """
        async with self._saving, asyncio.TaskGroup() as saves:
            now_s = time.monotonic()
            for index, carried in enumerate(list(self._carried.values())):
                if index % AT_ONCE == AT_ONCE - 1:
                    await asyncio.sleep(0)
                if self._carried.get(_key(carried)) is not carried:
                    continue  # another call has it since
                done, rows = carried.done, self._collect(carried, now_s)
                if rows or done is not None:
                    saves.create_task(self._save(carried, rows, done))
        waiting = sum(len(carried.session.pending) for carried in self._carried.values())
        self._metrics.facts_waiting.set(waiting)

    def _collect(self, carried: Carried, now_s: float) -> list[Fact | Session]:
        """Return what is due of one session; a fault of ours in it ends it, and no other."""
        if carried.session.is_settled:
            return []
        lost = carried.session.facts_lost
        try:
            rows = carried.session.collect(now_s)
        except Exception:
            log.exception("session_failed", session_id=carried.session.sitting.session_id)
            self._carried.pop(_key(carried), None)
            carried.why = Fault("our fault in this session; open it again")
            if carried.displaced is not None:
                carried.displaced.set()
            _settle(carried)
            return []
        self._metrics.facts_lost.inc(carried.session.facts_lost - lost)
        return rows

    async def _save(
        self, carried: Carried, rows: list[Fact | Session], done: asyncio.Event | None
    ) -> None:
        """Save one session's rows; on a full disk they wait in memory, facts up to their limit."""
        facts = sum(isinstance(row, Fact) for row in rows)
        try:
            kept = await self._writer.save(rows) if rows else 0
        except Rejected:
            log.exception("rows_rejected", rows=len(rows))
            carried.session.wrote(facts, kept=0)
        except (RaptError, OSError) as error:
            log.warning("rows_not_saved", rows=len(rows), reason=str(error))
            carried.session.row_lost()
            return  # a call that closes it waits: Closed says that everything is on disk
        else:
            carried.session.wrote(facts, kept=min(facts, kept))
            if facts and self._tells_at_once:
                carried.tell()
            self._measure(carried, rows)
        if done is not None:
            _settle(carried)

    def _measure(self, carried: Carried, rows: Sequence[Row]) -> None:
        """Count the playing seconds of a stream with a camera by whether they have a verdict."""
        if carried.tally.frames_received == 0:
            return
        for row in rows:
            if isinstance(row, Fact) and row.player is Player.PLAYING:
                self._metrics.stream_seconds.labels("yes" if row.frames else "no").inc()

    async def drain(self, within_s: float) -> None:
        """Ask every call to move, one after the other; cut those that are still here at the end."""
        self._is_draining = True
        late_s = time.monotonic() + within_s
        staying = [carried for carried in self._carried.values() if carried.displaced is not None]
        pause_s = min(DRAIN_PAUSE_S, within_s / 2 / max(len(staying), 1))
        for carried in staying:
            carried.leaves_by_s = late_s
            carried.draining.set()
            await asyncio.sleep(pause_s)
        with suppress(TimeoutError):
            async with asyncio.timeout_at(
                asyncio.get_running_loop().time() + late_s - time.monotonic()
            ):
                while any(carried.displaced is not None for carried in staying):
                    self._left.clear()
                    await self._left.wait()
        for carried in staying:
            if carried.displaced is not None:
                carried.why = Unavailable("this worker is stopping; open the session again")
                carried.displaced.set()

    def cut(self, why: RaptError) -> None:
        """End every call with an error."""
        for carried in self._carried.values():
            if carried.displaced is not None:
                carried.why = why
                carried.displaced.set()

    def _forget(self) -> None:
        """Drop sessions that nobody came back to."""
        now_s = time.monotonic()
        empty = [
            (key, carried) for key, carried in self._carried.items() if carried.displaced is None
        ]
        too_many = len(empty) - MAX_KEPT
        for index, (key, carried) in enumerate(empty):
            kept_s = 0.0 if carried.session.is_handed_over else KEPT_S
            is_over = carried.session.is_settled and now_s - carried.left_s >= kept_s
            if index < too_many or is_over:
                del self._carried[key]


def _settle(carried: Carried) -> None:
    """Let the call that closes the session go on."""
    if carried.done is not None:
        carried.done.set()
        carried.done = None


def _key(carried: Carried) -> tuple[int, int]:
    return carried.session.sitting.tenant_id, carried.session.sitting.session_id
