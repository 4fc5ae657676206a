"""The walls that are watched in this process, and who watches them.

A wall begins with its first watcher and ends with its last. It hears every process's part from
the hub, reads names from the register, and the pulse of the past from stored facts, so that it
shows a lesson that is over just as well. A picture is made when its watcher's turn comes: a slow
watcher gets fewer, never old ones.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from typing import Protocol

import structlog
from rapt.errors import RaptError
from rapt.v1 import perception_pb2 as perception
from rapt.v1 import viewing_pb2 as viewing

from gateway.db.sessions import Sessions
from gateway.identity.tickets import Ticket
from gateway.live.fanout import Resync, StateEntry
from gateway.live.hub import Hub
from gateway.live.presence import TICK_S, ContentKey, topic_of
from gateway.live.pulse import PulsePoint, join_history, pulse, thin
from gateway.live.wall import (
    FULL_S,
    MAX_HISTORY,
    Name,
    Part,
    Picture,
    Show,
    initials,
    picture,
    read_part,
)
from gateway.tasks import Tasks

log = structlog.get_logger()

MAX_SEEN = 4 * 3600  # seconds of the pulse that are remembered
NAMES_S = 1.0  # between two readings of the register
_EMPTY = Picture({}, (), 0)


class Watcher(Protocol):
    """A browser that watches a wall."""

    def put_picture(self, source: Callable[[], viewing.ServerMessage | None]) -> None:
        """Ask the source for a picture when its turn comes."""


class PastPulse(Protocol):
    """Knows the pulse of the past from stored facts."""

    async def pulse(self, tenant_id: int, content_id: int) -> list[PulsePoint]:
        """Return the pulse of each second, oldest first."""


class Wall:
    """One watched wall."""

    def __init__(
        self, key: ContentKey, *, hub: Hub, register: Sessions, past: PastPulse, pulse_k: int
    ) -> None:
        self._key = key
        self._hub = hub
        self._register = register
        self._past = past
        self._pulse_k = pulse_k
        self.shows: dict[Watcher, Show] = {}
        self._parts: dict[str, Part] = {}
        self._names: dict[int, Name] = {}
        self._seats: set[int] = set()
        self._names_at_s = 0.0
        self._stored: list[PulsePoint] = []
        self._stored_at_s = 0.0
        self._seen: deque[PulsePoint] = deque(maxlen=MAX_SEEN)
        self._picture = _EMPTY
        self._now = pulse((), present=0, at_s=0, k=pulse_k)

    async def run(self) -> None:
        """Show the wall until cancelled."""
        subscription = self._hub.subscribe(topic_of(self._key))
        try:
            await self._read_snapshot()
            while True:
                for entry in subscription.take():
                    if isinstance(entry, StateEntry):
                        self._parts[entry.key] = read_part(entry.payload)
                    elif isinstance(entry, Resync):
                        await self._read_snapshot()
                await self._look()
                for watcher, show in self.shows.items():
                    watcher.put_picture(lambda show=show: self._message(show))  # type: ignore[misc] # binds the loop's value
                await asyncio.sleep(TICK_S)
        finally:
            self._hub.unsubscribe(subscription)

    async def _read_snapshot(self) -> None:
        snapshot = await self._hub.snapshot(topic_of(self._key))
        self._parts |= {key: read_part(payload) for key, payload in snapshot.items()}

    async def _look(self) -> None:
        now_s = time.time()
        self._picture = picture(self._parts.values(), self._seats, now_s=now_s)
        self._seats |= self._picture.seats.keys()  # who was here once keeps the seat
        if self._seats - self._names.keys() or now_s - self._names_at_s > FULL_S:
            await self._read_names(now_s)
        if now_s - self._stored_at_s > FULL_S:
            await self._read_past(now_s)
        if int(now_s) != self._now.at_s:
            self._now = pulse(
                self._picture.attention,
                present=self._picture.present,
                at_s=int(now_s),
                k=self._pulse_k,
            )
            if self._picture.present:
                self._seen.append(self._now)

    async def _read_names(self, now_s: float) -> None:
        if now_s - self._names_at_s < NAMES_S:
            return
        self._names_at_s = now_s
        registered = await self._register.of_content(*self._key)
        self._names = {
            r.seat: Name(r.name, initials(r.name)) for r in registered if r.seat is not None
        }
        self._seats |= self._names.keys()
        self._picture = picture(self._parts.values(), self._seats, now_s=now_s)

    async def _read_past(self, now_s: float) -> None:
        self._stored_at_s = now_s
        try:
            self._stored = await self._past.pulse(*self._key)
        except RaptError as error:
            log.info("past_pulse_missing", reason=str(error))

    def _message(self, show: Show) -> viewing.ServerMessage:
        history = thin(join_history(self._stored, self._seen), MAX_HISTORY)
        wall = show.next(self._picture, self._names, self._now, history, now_s=time.time())
        return viewing.ServerMessage(wall=wall)


class Walls:
    """Every wall that is watched in this process."""

    def __init__(
        self, *, hub: Hub, register: Sessions, past: PastPulse, tasks: Tasks, pulse_k: int
    ) -> None:
        self._hub = hub
        self._register = register
        self._past = past
        self._tasks = tasks
        self._pulse_k = pulse_k
        self._walls: dict[ContentKey, tuple[Wall, asyncio.Task[None]]] = {}

    def __len__(self) -> int:
        return len(self._walls)

    def watch(self, ticket: Ticket, watcher: Watcher) -> bool:
        """Show the wall of the ticket's content from now on; False for students."""
        if ticket.role == perception.ROLE_STUDENT:
            return False
        key = (ticket.tenant_id, ticket.content_id)
        if key not in self._walls:
            wall = Wall(
                key,
                hub=self._hub,
                register=self._register,
                past=self._past,
                pulse_k=self._pulse_k,
            )
            task = self._tasks.start(wall.run(), name=f"wall {ticket.content_id}")
            self._walls[key] = (wall, task)
        self._walls[key][0].shows[watcher] = Show()
        return True

    def unwatch(self, watcher: Watcher) -> None:
        """Show nothing more to this browser; a wall without watchers ends."""
        for key, (wall, task) in list(self._walls.items()):
            wall.shows.pop(watcher, None)
            if not wall.shows:
                task.cancel()
                del self._walls[key]
