"""What the gateway asks of stored facts, and the store that answers."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from analytics import queries
from analytics.answers import FactRow, Heatmap, SessionRow, Totals
from analytics.scope import Scope
from analytics.store import Store
from gateway.live.pulse import PulsePoint


@runtime_checkable  # Litestar checks what it hands to a route
class Answers(Protocol):
    """Typed answers about one content of one tenant."""

    async def heatmap(self, tenant_id: int, content_id: int, length_ms: int) -> Heatmap:
        """Where did they watch, and how attentively?"""

    async def totals(self, tenant_id: int, content_id: int) -> Totals:
        """How many rows does it have?"""

    async def sessions(self, tenant_id: int, content_id: int) -> Sequence[SessionRow]:
        """Who had a sitting with it?"""

    async def facts(self, tenant_id: int, content_id: int, session_id: int) -> Sequence[FactRow]:
        """What happened second by second in one session?"""

    async def pulse(self, tenant_id: int, content_id: int) -> list[PulsePoint]:
        """How attentive was the class at each wall second?"""

    async def is_healthy(self) -> bool:
        """Does the store answer now?"""

    async def close(self) -> None:
        """Close the connections."""


class StoredAnswers:
    """Answers from the store, each within the tenant's scope."""

    def __init__(self, store: Store, *, pulse_k: int) -> None:
        self._store = store
        self._pulse_k = pulse_k

    async def heatmap(self, tenant_id: int, content_id: int, length_ms: int) -> Heatmap:
        """Where did they watch, and how attentively?"""
        return await queries.heatmap(Scope(self._store, tenant_id), content_id, length_ms)

    async def totals(self, tenant_id: int, content_id: int) -> Totals:
        """How many rows does it have?"""
        return await queries.totals(Scope(self._store, tenant_id), content_id)

    async def sessions(self, tenant_id: int, content_id: int) -> Sequence[SessionRow]:
        """Who had a sitting with it?"""
        return await queries.sessions(Scope(self._store, tenant_id), content_id)

    async def facts(self, tenant_id: int, content_id: int, session_id: int) -> Sequence[FactRow]:
        """What happened second by second in one session?"""
        return await queries.session_facts(Scope(self._store, tenant_id), session_id, content_id)

    async def pulse(self, tenant_id: int, content_id: int) -> list[PulsePoint]:
        """How attentive was the class at each wall second?"""
        scope = Scope(self._store, tenant_id)
        rows = await queries.pulse(scope, content_id, k=self._pulse_k)
        return [PulsePoint(r.at_s, r.median, r.low, r.high, r.n, r.present) for r in rows]

    async def is_healthy(self) -> bool:
        """Does the store answer now?"""
        return await self._store.is_healthy()

    async def close(self) -> None:
        """Close the connections."""
        await self._store.close()
