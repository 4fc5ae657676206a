"""What every process of the gateway must hear, and the hub of a process that is alone.

`RedisHub` does the same across processes; both pass the same tests.
"""

import time
from typing import Protocol

from gateway.live.fanout import Fanout, Subscription

SNAPSHOT_S = 60  # a state that nobody repeats for so long is over


class Hub(Protocol):
    """Publishes and listens."""

    async def start(self) -> None:
        """Begin to hear other processes; does not wait for them."""

    async def stop(self) -> None:
        """Hear nothing more."""

    def subscribe(self, topic: str) -> Subscription:
        """Listen to a topic from now on."""

    def unsubscribe(self, subscription: Subscription) -> None:
        """Listen no more."""

    def publish_state(self, topic: str, key: str, payload: bytes) -> None:
        """Tell the latest value of a key; lost when other processes cannot be reached."""

    async def publish_log(self, topic: str, payload: bytes) -> None:
        """Tell what happened, in order.

        Raises:
            Unavailable: other processes cannot be reached.
        """

    async def snapshot(self, topic: str) -> dict[str, bytes]:
        """Return the latest value of every key."""

    async def state(self) -> str:
        """Return "ok", or in a few words what is wrong."""


class MemoryHub:
    """The hub of one process alone."""

    def __init__(self) -> None:
        self._fanout = Fanout()
        self._states: dict[str, dict[str, tuple[float, bytes]]] = {}

    async def start(self) -> None:
        """Nothing to begin."""

    async def stop(self) -> None:
        """Nothing to end."""

    def subscribe(self, topic: str) -> Subscription:
        """Listen to a topic from now on."""
        return self._fanout.subscribe(topic)

    def unsubscribe(self, subscription: Subscription) -> None:
        """Listen no more."""
        self._fanout.unsubscribe(subscription)

    def publish_state(self, topic: str, key: str, payload: bytes) -> None:
        """Tell the latest value of a key."""
        now_s = time.monotonic()
        self._states.setdefault(topic, {})[key] = (now_s + SNAPSHOT_S, payload)
        self._forget(now_s)
        self._fanout.put_state(topic, key, payload)

    async def publish_log(self, topic: str, payload: bytes) -> None:
        """Tell what happened, in order."""
        self._fanout.put_log(topic, payload)

    async def snapshot(self, topic: str) -> dict[str, bytes]:
        """Return the latest value of every key."""
        self._forget(time.monotonic())
        return {key: payload for key, (_, payload) in self._states.get(topic, {}).items()}

    async def state(self) -> str:
        """Return "ok": there is nothing that could be away."""
        return "ok"

    def _forget(self, now_s: float) -> None:
        for topic, states in list(self._states.items()):
            for key in [key for key, (until_s, _) in states.items() if until_s <= now_s]:
                del states[key]
            if not states:
                del self._states[topic]
