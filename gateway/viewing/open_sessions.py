"""Every session that is open in this process, from its first Hello until its worker has closed it.

A browser that goes without Close may come back within `grace_s`; then its session ends as lost. A
session that closes while no worker can be reached is tried for `close_s`. Both waits are bounded
in number.
"""

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass

import structlog
from rapt.errors import PoolFull
from rapt.v1 import perception_pb2 as perception

from gateway.db.sessions import Sessions
from gateway.identity.tickets import Ticket
from gateway.live.presence import Presence
from gateway.metrics import Metrics
from gateway.tasks import Tasks
from gateway.viewing.observe import Observer
from gateway.viewing.outbox import Outbox
from gateway.viewing.phase import Phase
from gateway.viewing.rules import SessionRules
from gateway.viewing.session import ViewingSession

log = structlog.get_logger()

STOP_S = 5.0  # for the workers to close every session when the gateway stops


@dataclass(frozen=True, slots=True)
class Waits:
    """How long a session may wait, and how many."""

    grace_s: float
    last_words_s: float
    close_s: float
    max_sessions: int
    max_detached: int


class OpenSessions:
    """The sessions of this process."""

    def __init__(  # noqa: PLR0913 - everything it works with, each by its name
        self,
        *,
        register: Sessions,
        observer: Observer,
        presence: Presence,
        tasks: Tasks,
        metrics: Metrics,
        rules: SessionRules,
        waits: Waits,
    ) -> None:
        self._register = register
        self._observer = observer
        self._presence = presence
        self._tasks = tasks
        self._metrics = metrics
        self._rules = rules
        self._waits = waits
        self._open: dict[int, ViewingSession] = {}
        self._detached: dict[int, asyncio.TimerHandle] = {}
        self._closing: dict[int, asyncio.TimerHandle] = {}

    def __len__(self) -> int:
        return len(self._open)

    def __contains__(self, session_id: int) -> bool:
        return session_id in self._open

    async def open(self, ticket: Ticket) -> ViewingSession:
        """Return the session of a ticket; it begins if it is not open.

        Raises:
            PoolFull: this gateway holds as many sessions as it may.
        """
        session = await self._find(ticket.session_id)
        if session is not None:
            return session
        if len(self._open) >= self._waits.max_sessions:
            raise PoolFull("this gateway holds as many sessions as it may; try again in a minute")
        joined = await self._register.join(ticket)
        session = await self._find(ticket.session_id)  # a second socket may have been faster
        if session is not None:
            return session
        seat = self._presence.join(ticket, joined.seat, now_s=time.monotonic())
        session = ViewingSession(
            ticket, self._rules, self._metrics, seat=seat, is_back=joined.is_back
        )
        self._open[ticket.session_id] = session
        self._metrics.sessions.set(len(self._open))
        self._tasks.start(self._serve(session), name=f"session {ticket.session_id}")
        log.info("session_opened", session_id=ticket.session_id, content_id=ticket.content_id)
        return session

    def attached(self, session: ViewingSession) -> None:
        """A browser listens: the session need not end."""
        _cancel(self._detached.pop(session.ticket.session_id, None))

    def detached(self, session: ViewingSession, outbox: Outbox) -> None:
        """A browser is gone: end the session unless one comes back in time."""
        if session.detach(outbox):
            self.expect(session)

    def expect(self, session: ViewingSession) -> None:
        """Wait for a browser, but not for ever."""
        if session.has_browser or session.close_reason is not None:
            return
        has_left = session.has_said_goodbye
        wait_s = self._waits.last_words_s if has_left else self._waits.grace_s
        reason = perception.EXIT_REASON_LEFT if has_left else perception.EXIT_REASON_LOST
        session_id = session.ticket.session_id
        _cancel(self._detached.pop(session_id, None))
        loop = asyncio.get_running_loop()
        self._detached[session_id] = loop.call_later(wait_s, self.close, session, reason)
        while len(self._detached) > self._waits.max_detached:
            oldest = next(iter(self._detached))
            self.close(self._open[oldest], perception.EXIT_REASON_LOST)

    def close(self, session: ViewingSession, reason: perception.ExitReason.ValueType) -> None:
        """End a session; its worker gets a bounded time to agree."""
        session_id = session.ticket.session_id
        _cancel(self._detached.pop(session_id, None))
        session.close(reason)
        self.watch_closing(session)

    def watch_closing(self, session: ViewingSession) -> None:
        """Give up on a worker that never says Closed."""
        session_id = session.ticket.session_id
        is_watched = session_id in self._closing
        if session.close_reason is None or session.has_ended or is_watched:
            return
        loop = asyncio.get_running_loop()
        self._closing[session_id] = loop.call_later(self._waits.close_s, session.give_up)

    async def stop(self) -> None:
        """End every session, because the gateway stops."""
        for session in list(self._open.values()):
            self.close(session, perception.EXIT_REASON_LOST)
            if session.phase is Phase.PAUSED:
                session.give_up()  # nobody is there to be told
        with suppress(TimeoutError):
            async with asyncio.timeout(STOP_S):
                for session in list(self._open.values()):
                    await session.ended.wait()

    async def _find(self, session_id: int) -> ViewingSession | None:
        session = self._open.get(session_id)
        if session is None or session.has_ended:
            return None
        if session.reopen():
            _cancel(self._closing.pop(session_id, None))
            return session
        with suppress(TimeoutError):  # its worker is about to say Closed
            async with asyncio.timeout(STOP_S):
                await session.ended.wait()
        return None

    async def _serve(self, session: ViewingSession) -> None:
        try:
            await session.has_work.wait()  # a page that only watches the wall needs no worker
            await self._observer.run(session)
        finally:
            self._forget(session)

    def _forget(self, session: ViewingSession) -> None:
        session_id = session.ticket.session_id
        _cancel(self._detached.pop(session_id, None))
        _cancel(self._closing.pop(session_id, None))
        if self._open.get(session_id) is session:
            del self._open[session_id]
            self._presence.leave(session.ticket)
        self._metrics.sessions.set(len(self._open))
        log.info("session_closed", session_id=session_id, reason=session.close_reason)


def _cancel(timer: asyncio.TimerHandle | None) -> None:
    if timer is not None:
        timer.cancel()
