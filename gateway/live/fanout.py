"""Hands what is published to everyone in this process who listens.

Two lanes. State: only the latest value of each key counts. Log: every entry counts, in order; a
listener that is more than `MAX_LOG` entries behind loses them and hears `Resync` instead: read
the whole anew, then go on.
"""

import asyncio
from collections import deque
from dataclasses import dataclass

MAX_LOG = 256


@dataclass(frozen=True, slots=True)
class StateEntry:
    """The latest value of a key."""

    key: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One thing that happened."""

    payload: bytes


@dataclass(frozen=True, slots=True)
class Resync:
    """Something was lost: read the whole anew."""


Entry = StateEntry | LogEntry | Resync


class Subscription:
    """What one listener has not heard yet."""

    def __init__(self, topic: str) -> None:
        self.topic = topic
        self._state: dict[str, bytes] = {}
        self._log: deque[bytes] = deque()
        self._must_resync = False
        self._changed = asyncio.Event()

    def put_state(self, key: str, payload: bytes) -> None:
        """Remember the latest value of a key."""
        self._state[key] = payload
        self._changed.set()

    def put_log(self, payload: bytes) -> bool:
        """Remember an entry; False when the listener is too far behind."""
        if len(self._log) >= MAX_LOG:
            self.resync()
            return False
        self._log.append(payload)
        self._changed.set()
        return True

    def resync(self) -> None:
        """Tell the listener to read the whole anew."""
        self._log.clear()
        self._must_resync = True
        self._changed.set()

    def take(self) -> list[Entry]:
        """Return everything that is new, Resync first."""
        entries: list[Entry] = [Resync()] if self._must_resync else []
        entries += [StateEntry(key, payload) for key, payload in self._state.items()]
        entries += [LogEntry(payload) for payload in self._log]
        self._must_resync = False
        self._state.clear()
        self._log.clear()
        self._changed.clear()
        return entries

    async def next(self) -> list[Entry]:
        """Wait until there is something new and return it."""
        await self._changed.wait()
        return self.take()


class Fanout:
    """Topics and who listens to them; a topic without listeners takes no room."""

    def __init__(self) -> None:
        self._listeners: dict[str, set[Subscription]] = {}

    def __len__(self) -> int:
        return len(self._listeners)

    @property
    def topics(self) -> list[str]:
        """Every topic with a listener."""
        return list(self._listeners)

    def subscribe(self, topic: str) -> Subscription:
        """Listen to a topic from now on."""
        subscription = Subscription(topic)
        self._listeners.setdefault(topic, set()).add(subscription)
        return subscription

    def unsubscribe(self, subscription: Subscription) -> None:
        """Listen no more."""
        listeners = self._listeners.get(subscription.topic, set())
        listeners.discard(subscription)
        if not listeners:
            self._listeners.pop(subscription.topic, None)

    def put_state(self, topic: str, key: str, payload: bytes) -> None:
        """Hand a value to every listener of the topic."""
        for subscription in self._listeners.get(topic, ()):
            subscription.put_state(key, payload)

    def put_log(self, topic: str, payload: bytes) -> int:
        """Hand an entry to every listener of the topic; return how many were too far behind."""
        listeners = self._listeners.get(topic, ())
        return sum(not subscription.put_log(payload) for subscription in listeners)

    def resync(self, topic: str) -> None:
        """Tell every listener of the topic to read the whole anew."""
        for subscription in self._listeners.get(topic, ()):
            subscription.resync()
