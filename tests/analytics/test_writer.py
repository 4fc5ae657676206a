"""Saved once is stored once, whatever happens in between."""

import asyncio
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from rapt.errors import Misconfigured, SpoolFull, Unavailable

from analytics import queries
from analytics.facts import Fact
from analytics.scope import Scope
from analytics.spool import Spool
from analytics.store import Store, open_store
from analytics.writer import Writer, open_writer
from tests.analytics.conftest import Served
from tests.analytics.process import StoreProcess
from tests.analytics.proxy import FaultyProxy
from tests.analytics.rows import CONTENT_ID, fact, interaction, segments, session
from tests.waiting import until

WAIT_S = 90


@pytest.fixture
async def proxy(served: Served) -> AsyncIterator[FaultyProxy]:
    """Return a network between the writer and the store."""
    if not served.is_ours:
        pytest.skip("the network to a ClickHouse by URL is not ours to break")
    async with FaultyProxy(served.port) as started:
        yield started


@pytest.fixture
async def unmerged(writer_store: Store, scope: Scope) -> AsyncIterator[Scope]:
    """Return the tenant's view while nothing is merged, so that what is there twice is seen."""
    for table in ("facts", "interactions"):
        await writer_store.execute(f"SYSTEM STOP MERGES {table}")
    yield scope
    for table in ("facts", "interactions"):
        await writer_store.execute(f"SYSTEM START MERGES {table}")


def _url(proxy: FaultyProxy) -> str:
    return f"http://writer:writer-secret@127.0.0.1:{proxy.port}/rapt"


async def _settled(writer: Writer) -> None:
    """Wait until the store has everything."""
    async with asyncio.timeout(WAIT_S):
        await writer.flush()


async def test_saved_rows_are_read_back(
    served: Served, scope: Scope, tenant_id: int, tmp_path: Path
) -> None:
    """Facts, interactions and sessions; the counts of both ends agree."""
    async with open_writer(served.writer_url, spool=tmp_path / "spool") as writer:
        for t_s in range(20):
            kept = await writer.save(
                [
                    fact(tenant_id, t_s=t_s, attention_pct=70),
                    interaction(tenant_id, seq=t_s + 1),
                    session(tenant_id, version=0, segments=segments((0, (t_s + 1) * 1000))),
                ]
            )
            assert kept == 3
        await _settled(writer)
        assert writer.stats.saved == writer.stats.sent
        assert writer.stats.saved == {"facts": 20, "interactions": 20, "sessions": 20}
    found = await queries.totals(scope, CONTENT_ID)
    assert (found.facts, found.interactions, found.sessions) == (20, 20, 1)
    assert found.duplicate_facts == 0
    (row,) = await queries.sessions(scope, CONTENT_ID)
    assert row.watched_ms == 20_000


async def test_many_calls_share_one_fsync(served: Served, tenant_id: int, tmp_path: Path) -> None:
    """A hundred callers at once cost a few writes, not a hundred."""
    spool = Spool(tmp_path)
    appended = 0
    append = spool.append

    def counted(parts: list[object]) -> None:
        nonlocal appended
        appended += 1
        append(parts)  # type: ignore[arg-type]  # handed through as it came

    spool.append = counted  # type: ignore[assignment, method-assign]  # to count its calls
    async with Writer(open_store(served.writer_url), spool) as writer:
        saves = [writer.save([fact(tenant_id, t_s=t_s)]) for t_s in range(100)]
        assert await asyncio.gather(*saves) == [1] * 100
        assert appended <= 5
        await _settled(writer)


async def test_saved_means_on_disk(tmp_path: Path, tenant_id: int) -> None:
    """With the store away, a process that is killed after `save` returned has lost nothing."""
    code = f"""
        import asyncio, os, signal
        from pathlib import Path
        from analytics.writer import open_writer
        from tests.analytics.rows import fact

        async def main():
            url = "http://writer:x@127.0.0.1:1/rapt"
            async with open_writer(url, spool=Path({str(tmp_path)!r})) as writer:
                for t_s in range(30):
                    await writer.save([fact({tenant_id}, t_s=t_s)])
                os.kill(os.getpid(), signal.SIGKILL)

        asyncio.run(main())
    """
    ended = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", textwrap.dedent(code)], check=False
    )
    assert ended.returncode == -9
    spool = Spool(tmp_path)
    spool.open()
    rows = [row for file in spool.waiting() for row in spool.read(file)]
    spool.close()
    assert len(rows) == 30


async def test_a_later_process_sends_what_was_left(
    served: Served, scope: Scope, tenant_id: int, tmp_path: Path
) -> None:
    """Stopped while the store was away: the rest stays and is sent at the next start."""
    away = "http://writer:x@127.0.0.1:1/rapt"
    async with open_writer(away, spool=tmp_path) as writer:
        await writer.save([fact(tenant_id, t_s=t_s) for t_s in range(40)])
    assert writer.stats.waiting == 40
    async with open_writer(served.writer_url, spool=tmp_path) as writer:
        assert writer.stats.recovered == 40
        await _settled(writer)
        assert writer.stats.waiting == 0
    assert (await queries.totals(scope, CONTENT_ID)).facts == 40


@pytest.mark.parametrize(
    "loses",
    [
        pytest.param(lambda n: n % 3 == 0, id="every third"),
        pytest.param(lambda n: n <= 4, id="the first four"),
        pytest.param(lambda n: n % 2 == 1, id="every other"),
    ],
)
async def test_a_lost_answer_doubles_nothing(
    proxy: FaultyProxy,
    unmerged: Scope,
    tenant_id: int,
    tmp_path: Path,
    loses: Callable[[int], bool],
) -> None:
    """The store took the rows and the answer got lost: sent again, present once."""
    proxy.loses = loses
    async with open_writer(_url(proxy), spool=tmp_path, flush_s=0.01) as writer:
        for t_s in range(8):
            before = proxy.inserts
            await writer.save([fact(tenant_id, t_s=t_s), interaction(tenant_id, seq=t_s + 1)])
            await until(lambda before=before: proxy.inserts > before, "something is sent")  # type: ignore[misc]  # bound now
        await _settled(writer)
        assert proxy.lost >= 2
    found = await queries.totals(unmerged, CONTENT_ID)
    assert (found.facts, found.interactions, found.duplicate_facts) == (8, 8, 0)
    stored = await unmerged.rows("SELECT count() FROM interactions")
    assert stored == [(8,)]  # without FINAL: the token worked, not only the key


async def test_the_store_goes_and_comes_back(
    proxy: FaultyProxy, scope: Scope, tenant_id: int, tmp_path: Path
) -> None:
    """What was saved before, during and after is there once."""
    async with open_writer(_url(proxy), spool=tmp_path, flush_s=0.05) as writer:
        await writer.save([fact(tenant_id, t_s=1)])
        await _settled(writer)
        await proxy.cut()
        for t_s in (2, 3, 4):
            await writer.save([fact(tenant_id, t_s=t_s)])
        await until(lambda: writer.stats.retries >= 1, "the store is missed")
        await proxy.connect()
        await writer.save([fact(tenant_id, t_s=5)])
        await _settled(writer)
    found = await queries.totals(scope, CONTENT_ID)
    assert (found.facts, found.duplicate_facts) == (5, 0)


async def test_the_store_is_killed_in_the_middle(tmp_path: Path) -> None:
    """Kill -9 of the store while rows arrive; after its return every row is there once."""
    with StoreProcess(tmp_path / "data") as process:
        async with open_writer(process.url(), spool=tmp_path / "spool", flush_s=0.02) as writer:
            for t_s in range(60):
                await writer.save([fact(1, t_s=t_s)])
                if t_s == 30:
                    await asyncio.to_thread(process.kill)
                if t_s == 45:
                    await asyncio.to_thread(process.start)
            await _settled(writer)
        async with open_store(process.url("reader")) as store:
            found = await queries.totals(Scope(store, 1), CONTENT_ID)
    assert (found.facts, found.duplicate_facts) == (60, 0)


async def test_a_full_spool_refuses_and_counts(
    proxy: FaultyProxy, scope: Scope, tenant_id: int, tmp_path: Path
) -> None:
    """`SpoolFull` at once; once the store is back there is room again."""
    await proxy.cut()
    async with open_writer(_url(proxy), spool=tmp_path, max_bytes=4_000, flush_s=0.05) as writer:
        rows = [fact(tenant_id, t_s=t_s, model=f"model {t_s}") for t_s in range(100)]
        saved = await asyncio.gather(*[writer.save([r]) for r in rows], return_exceptions=True)
        saved += [await _outcome(writer, row) for row in rows]
        taken = saved.count(1)
        assert any(isinstance(outcome, SpoolFull) for outcome in saved)
        assert writer.stats.refused["spool_full"] == len(saved) - taken
        await proxy.connect()
        await _settled(writer)
        assert await writer.save([fact(tenant_id, t_s=2000)]) == 1
        await _settled(writer)
    assert (await queries.totals(scope, CONTENT_ID)).facts == taken + 1


async def _outcome(writer: Writer, row: Fact) -> int | SpoolFull:
    """Save one row; return what came of it."""
    try:
        return await writer.save([row])
    except SpoolFull as error:
        return error


async def test_an_older_lease_is_dropped_and_counted(
    served: Served, scope: Scope, tenant_id: int, tmp_path: Path
) -> None:
    """A paused old tab writes nothing after another device took over."""
    async with open_writer(served.writer_url, spool=tmp_path) as writer:
        assert await writer.save([fact(tenant_id, t_s=1, fence=7)]) == 1
        assert await writer.save([fact(tenant_id, t_s=2, fence=6), session(tenant_id)]) == 0
        assert await writer.save([fact(tenant_id, t_s=3, fence=8)]) == 1
        assert writer.stats.refused["fence"] == 2
        await _settled(writer)
    assert (await queries.totals(scope, CONTENT_ID)).facts == 2


async def test_cancelled_means_saved_to_the_spool(tmp_path: Path, tenant_id: int) -> None:
    """A task that is cancelled still puts on disk what was handed over."""
    writer = open_writer("http://writer:x@127.0.0.1:1/rapt", spool=tmp_path)
    running = asyncio.ensure_future(writer.run())
    await asyncio.sleep(0)
    save = asyncio.ensure_future(writer.save([fact(tenant_id)]))
    await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert await save == 1
    spool = Spool(tmp_path)
    spool.open()
    assert [file.rows for file in spool.waiting()] == [1]
    spool.close()


async def test_a_stopping_writer_takes_nothing(tmp_path: Path, tenant_id: int) -> None:
    """It says so; who waits for a flush is told, too."""
    async with open_writer("http://writer:x@127.0.0.1:1/rapt", spool=tmp_path) as writer:
        await writer.save([fact(tenant_id)])
        flush = asyncio.ensure_future(writer.flush())
        await asyncio.sleep(0)
        writer.stop()
        with pytest.raises(Unavailable, match="stopping"):
            await writer.save([fact(tenant_id)])
    with pytest.raises(Unavailable):
        await flush


async def test_two_writers_do_not_share_a_spool(tmp_path: Path) -> None:
    """The second is told to use its own folder."""
    url = "http://writer:x@127.0.0.1:1/rapt"
    async with open_writer(url, spool=tmp_path):
        with pytest.raises(Misconfigured, match="own folder"):
            await open_writer(url, spool=tmp_path).__aenter__()
