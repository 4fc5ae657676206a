"""Who is here, in this process, and the part of each wall that follows from it.

While someone is here, the part of their content is published four times a second; when the last
one leaves, once more, empty. Staff have no seat and are never counted.
"""

import asyncio
import secrets
import time
from collections import defaultdict

from gateway.identity.tickets import Ticket
from gateway.live.hub import Hub
from gateway.live.seat import LiveSeat
from gateway.live.wall import pack_part

TICK_S = 0.25

ContentKey = tuple[int, int]  # tenant, content


def topic_of(key: ContentKey) -> str:
    """Return the hub's topic of a content's wall."""
    return f"wall/{key[0]}/{key[1]}"


class Presence:
    """The students of each content who are connected to this process."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._process = secrets.token_hex(4)
        self._here: dict[ContentKey, dict[int, LiveSeat]] = defaultdict(dict)
        self._someone = asyncio.Event()
        self._emptied: set[ContentKey] = set()

    def join(self, ticket: Ticket, seat: int | None, *, now_s: float) -> LiveSeat | None:
        """Give a student a live seat; None for staff, who are never counted."""
        if seat is None:
            return None
        live = LiveSeat(seat, now_s=now_s)
        self._here[ticket.tenant_id, ticket.content_id][ticket.session_id] = live
        self._someone.set()
        return live

    def leave(self, ticket: Ticket) -> None:
        """Take the student's live seat away."""
        key = (ticket.tenant_id, ticket.content_id)
        if self._here[key].pop(ticket.session_id, None) is not None:
            self._emptied.add(key)
            self._someone.set()
        if not self._here[key]:
            del self._here[key]

    async def publish_for_ever(self) -> None:
        """Publish every part while someone is here."""
        while True:
            await self._someone.wait()
            while self._here or self._emptied:
                self.publish(now_s=time.monotonic(), at_s=time.time())
                await asyncio.sleep(TICK_S)
            self._someone.clear()

    def publish(self, *, now_s: float, at_s: float) -> None:
        """Publish every part once.

        Args:
            now_s: monotonic seconds.
            at_s: seconds since 1970 UTC.
        """
        for key in self._emptied | set(self._here):
            seats = list(self._here.get(key, {}).values())
            means = [seat.trailing_attention(now_s) for seat in seats]
            part = pack_part([seat.at(now_s) for seat in seats], means, at_s=at_s)
            self._hub.publish_state(topic_of(key), self._process, part)
        self._emptied.clear()
