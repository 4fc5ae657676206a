"""From the spool to the store: oldest first, each file until the store says yes.

A file carries its name as deduplication token, so sending it again is harmless. A store that is
away is asked again after longer and longer waits; one file that it refuses does not keep the
others back.
"""

import asyncio
import time
from collections.abc import Coroutine
from typing import Any

import structlog
from rapt.backoff import Backoff
from rapt.errors import Fault, Unavailable

from analytics.columns import TABLES, arrow_stream, column_names
from analytics.counts import FLUSH_SECONDS, RETRIES, SENT, WriterStats
from analytics.sealing import SpoolFile
from analytics.spool import Spool
from analytics.store import Store

FIRST_WAIT_S, LONGEST_WAIT_S = 0.2, 4.0  # while the store is away

log = structlog.get_logger(__name__)


class Sender:
    """Empties a spool into a store; knows when the next try is due."""

    def __init__(self, store: Store, spool: Spool, stats: WriterStats) -> None:
        self._store = store
        self._spool = spool
        self._stats = stats
        self._backoff = Backoff(first_s=FIRST_WAIT_S, longest_s=LONGEST_WAIT_S)
        self._not_before_s = 0.0

    def is_due(self) -> bool:
        """Return whether the store may be asked (again) now."""
        return time.monotonic() >= self._not_before_s

    async def send_waiting(self) -> bool:
        """Send the files that wait now; return whether the store has them all."""
        refused = 0
        for file in self._spool.waiting():
            try:
                await self._send(file)
            except Unavailable as error:
                self._wait_longer(file, error)
                return False
            except Fault as error:
                refused += 1
                self._wait_longer(file, error)
        if refused == 0:
            self._backoff.succeeded()
            self._not_before_s = 0.0
        return refused == 0

    async def _send(self, file: SpoolFile) -> None:
        """Insert one file, table by table, then forget it."""
        began_s = time.monotonic()
        rows = await asyncio.to_thread(self._spool.read, file)
        counts: dict[str, int] = {}
        for table, kind in TABLES.items():
            part = [row for row in rows if isinstance(row, kind)]
            if not part:
                continue
            data = await asyncio.to_thread(arrow_stream, table, part, batch=file.batch)
            await self._store.insert(table, column_names(table), data, token=file.token)
            counts[table] = len(part)
        await finish(asyncio.to_thread(self._spool.remove, file))
        self._stats.sent.update(counts)
        for name, count in counts.items():
            SENT.labels(name).inc(count)
        FLUSH_SECONDS.observe(time.monotonic() - began_s)

    def _wait_longer(self, file: SpoolFile, error: Unavailable | Fault) -> None:
        """Count a failure and put the next try off."""
        self._stats.retries += 1
        RETRIES.inc()
        wait_s = self._backoff.next_s()
        self._not_before_s = time.monotonic() + wait_s
        log.warning(
            "flush_postponed" if isinstance(error, Unavailable) else "flush_refused",
            file=file.token,
            reason=str(error),
            wait_s=round(wait_s, 2),
        )


async def finish(work: Coroutine[Any, Any, object]) -> None:  # a result that nobody looks at
    """Wait for work in a thread even when cancelled: it can not be stopped half-way."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise
