"""What is saved is on disk before `save` returns, and in the store soon after, once.

`save` puts rows into the spool; many calls share one fsync. A sender seals the spool every second
or 5,000 rows and inserts what waits, oldest first, each file with its own name as deduplication
token, until the store says yes. While the store is away it waits longer and longer and nothing is
lost; when the spool is full `save` raises `SpoolFull` and the rows are counted.

    async with open_writer(store_url, spool=Path(".rapt/spool")) as writer:
        kept = await writer.save([fact, interaction, session])
"""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

import structlog
from rapt.errors import RaptError, SpoolFull, Unavailable

from analytics.arrivals import Arrivals, Checked
from analytics.counts import (
    REFUSED,
    SAVED,
    SPOOL_BYTES,
    SPOOL_OLDEST,
    SPOOL_ROWS,
    WriterStats,
)
from analytics.facts import Row
from analytics.sending import Sender, finish
from analytics.spool import MAX_BYTES, Spool
from analytics.store import Store, open_store

FLUSH_S = 1.0
FLUSH_ROWS = 5_000
LINGER_S = 0.005  # company for one fsync, which itself takes 1 to 5 ms
STOP_S = 2.0  # for sending on the way out; the rest stays in the spool
MAX_UNSAVED_ROWS = 50_000  # waiting for the disk; more means that the disk has stopped

log = structlog.get_logger(__name__)


class Writer:
    """Saves rows. Run it with `async with`, or `run()` in a task group and `stop()`."""

    def __init__(self, store: Store, spool: Spool, *, flush_s: float = FLUSH_S) -> None:
        self._store = store
        self._spool = spool
        self._flush_s = flush_s
        self._arrivals = Arrivals()
        self._unsaved: list[tuple[Checked, asyncio.Future[None]]] = []
        self._flushed: list[asyncio.Future[None]] = []
        self._arrived, self._enough = asyncio.Event(), asyncio.Event()
        self._stopping, self._all_saved = asyncio.Event(), asyncio.Event()
        self._tasks: asyncio.TaskGroup | None = None
        self.stats = WriterStats()
        self._sender = Sender(store, spool, self.stats)

    async def __aenter__(self) -> Self:
        self.open()
        self._tasks = asyncio.TaskGroup()
        await self._tasks.__aenter__()
        self._tasks.create_task(self._run())
        return self

    async def __aexit__(self, *_: object) -> None:
        self.stop()
        if self._tasks is not None:
            await self._tasks.__aexit__(None, None, None)  # a failed body must not cancel the drain

    def open(self) -> None:
        """Take the spool and what an earlier process left in it.

        Raises:
            Misconfigured: another process uses it.
        """
        self._spool.open()
        self.stats.recovered = self._spool.held_rows
        self._measure()

    def stop(self) -> None:
        """Take nothing more, send what can be sent within seconds, and end `run`."""
        self._stopping.set()
        self._arrived.set()
        self._enough.set()

    async def run(self) -> None:
        """Save and send until stopped. Cancelled: save to the spool only."""
        self.open()
        await self._run()

    async def save(self, rows: Sequence[Row]) -> int:
        """Return once the rows are safe on disk; the result is how many were kept.

        Rows of an older lease or of another time are dropped and counted.

        Raises:
            InvalidMessage: a value does not fit its column; nothing is kept.
            SpoolFull: no room; nothing is kept, try later.
            Unavailable: the writer is stopping.
        """
        if self._stopping.is_set():
            raise Unavailable("the writer is stopping")
        checked = self._arrivals.check(rows, now_s=time.time())
        for reason, count in checked.dropped.items():
            self._refuse(reason, count)
        if checked.packed.rows == 0:
            return 0
        if self._unsaved_rows() + checked.packed.rows > MAX_UNSAVED_ROWS:
            self._refuse("spool_full", checked.packed.rows)
            raise SpoolFull(f"{self._unsaved_rows()} rows wait for the disk")
        safe = asyncio.get_running_loop().create_future()
        self._unsaved.append((checked, safe))
        self._arrived.set()
        await safe
        return checked.packed.rows

    async def flush(self) -> None:
        """Return once everything saved so far is in the store; limit it with `asyncio.timeout`."""
        flushed = asyncio.get_running_loop().create_future()
        self._flushed.append(flushed)
        self._enough.set()
        await flushed

    def _unsaved_rows(self) -> int:
        return sum(checked.packed.rows for checked, _ in self._unsaved)

    async def _run(self) -> None:
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._keep_saving())
                sending = tasks.create_task(self._keep_sending())
                await self._stopping.wait()
                await asyncio.wait([sending], timeout=STOP_S)
                sending.cancel()  # the store is slow, or silent: the rest stays in the spool
            self._measure()
            log.info("writer_stopped", left_rows=self.stats.waiting, sent_rows=self.stats.sent_rows)
        finally:
            self._commit(self._take())  # only when cancelled there is something left
            self._spool.seal()
            self._spool.close()
            for flushed in self._flushed:
                _fail(flushed, Unavailable("the writer stopped before the store answered"))
            await self._store.close()

    async def _keep_saving(self) -> None:
        """Move what arrives to the disk, many calls with one fsync."""
        while not (self._stopping.is_set() and not self._unsaved):
            await self._arrived.wait()
            if not self._stopping.is_set():
                await asyncio.sleep(LINGER_S)
            self._arrived.clear()
            if taken := self._take():
                await finish(asyncio.to_thread(self._commit, taken))
            if self._spool.journal_rows >= FLUSH_ROWS:
                self._enough.set()
        self._all_saved.set()

    def _take(self) -> list[tuple[Checked, asyncio.Future[None]]]:
        taken, self._unsaved = self._unsaved, []
        return taken

    def _commit(self, taken: list[tuple[Checked, asyncio.Future[None]]]) -> None:
        """Write to the spool and tell those who wait. Runs in a thread, or at the very end."""
        if not taken:
            return
        failure: RaptError | None = None
        try:
            self._spool.append([checked.packed for checked, _ in taken])
        except RaptError as error:
            failure = error
            log.warning("rows_refused", reason=str(error))
        for checked, safe in taken:
            safe.get_loop().call_soon_threadsafe(self._tell, checked, safe, failure)

    def _tell(
        self, checked: Checked, safe: asyncio.Future[None], failure: RaptError | None
    ) -> None:
        if failure is None:
            for table, count in checked.kept.items():
                self.stats.saved[table] += count
                SAVED.labels(table).inc(count)
            if not safe.done():  # its caller may have left; the rows are kept all the same
                safe.set_result(None)
        else:
            self._refuse("spool_full", checked.packed.rows)
            _fail(safe, failure)

    async def _keep_sending(self) -> None:
        """Seal and send every second or when there is enough; while the store is away, rarely."""
        while not self._stopping.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(self._flush_s):
                    await self._enough.wait()
            self._enough.clear()
            waiters = list(self._flushed)
            if self._sender.is_due() or self._spool.journal_rows >= FLUSH_ROWS:
                await finish(asyncio.to_thread(self._spool.seal))
            if self._sender.is_due() and await self._sender.send_waiting():
                for flushed in waiters:
                    self._flushed.remove(flushed)
                    if not flushed.done():
                        flushed.set_result(None)
            self._measure()
        await self._all_saved.wait()
        await finish(asyncio.to_thread(self._spool.seal))
        await self._sender.send_waiting()

    def _refuse(self, reason: str, count: int) -> None:
        self.stats.refused[reason] += count
        REFUSED.labels(reason).inc(count)

    def _measure(self) -> None:
        """Say how much waits and for how long."""
        oldest = self._spool.oldest()
        self.stats.waiting = self._spool.held_rows
        self.stats.oldest_s = max(0.0, time.time() - oldest.sealed_at_s) if oldest else 0.0
        SPOOL_ROWS.set(self.stats.waiting)
        SPOOL_BYTES.set(self._spool.held_bytes)
        SPOOL_OLDEST.set(self.stats.oldest_s)


def open_writer(
    store_url: str, *, spool: Path, max_bytes: int = MAX_BYTES, flush_s: float = FLUSH_S
) -> Writer:
    """Return a writer to "http://writer:password@host:8123/rapt"; it begins with `async with`.

    Raises:
        Misconfigured: it is no such URL.
    """
    return Writer(open_store(store_url), Spool(spool, max_bytes=max_bytes), flush_s=flush_s)


def _fail(future: asyncio.Future[None], error: RaptError) -> None:
    """Hand an error to whoever still waits."""
    if not future.done():
        future.set_exception(error)
