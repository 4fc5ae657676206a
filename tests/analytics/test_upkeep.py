"""What the store does by itself."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from analytics import queries
from analytics.facts import ExitReason, Row
from analytics.scope import Scope
from analytics.store import Store, open_store
from analytics.upkeep import close_abandoned
from tests.analytics.process import StoreProcess
from tests.analytics.rows import CONTENT_ID, interaction, put, segments, session

LONG_AGO = datetime.now(UTC) - timedelta(minutes=10)


@pytest.mark.parametrize(
    ("kinds", "reason"),
    [
        pytest.param(["play"], ExitReason.LOST, id="never hidden"),
        pytest.param(["hidden"], ExitReason.LEFT, id="hidden last"),
        pytest.param(["hidden", "visible"], ExitReason.LOST, id="visible again"),
        pytest.param(["hidden", "visible", "hidden", "seek"], ExitReason.LEFT, id="hidden again"),
    ],
)
async def test_silence_ends_a_session(
    writer_store: Store, scope: Scope, tenant_id: int, kinds: list[str], reason: ExitReason
) -> None:
    """`left` if the page was hidden last, else `lost`; everything else stays as it was."""
    row = session(tenant_id, seen_at=LONG_AGO, version=7, segments=segments((0, 1000)))
    acts: list[Row] = [interaction(tenant_id, seq=n, kind=kind) for n, kind in enumerate(kinds, 1)]
    await put(writer_store, [row, *acts], f"silent-{tenant_id}")
    assert await close_abandoned(writer_store, silent_s=300) >= 1
    (found,) = await queries.sessions(scope, CONTENT_ID)
    assert found.exit_reason == reason
    assert tuple(found.segments) == row.segments
    assert await close_abandoned(writer_store, silent_s=300) == 0


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({}, id="alive"),  # seen when the row is made: tests may run long after this
        pytest.param({"seen_at": LONG_AGO, "exit_reason": ExitReason.COMPLETED}, id="closed"),
    ],
)
async def test_others_are_left_alone(
    writer_store: Store, scope: Scope, tenant_id: int, changes: dict[str, object]
) -> None:
    """Sessions that live or have ended."""
    row = session(tenant_id, **changes)
    await put(writer_store, [row], f"alone-{tenant_id}")
    await close_abandoned(writer_store, silent_s=300)
    (found,) = await queries.sessions(scope, CONTENT_ID)
    assert found.exit_reason == row.exit_reason


async def test_who_comes_back_is_open_again(
    writer_store: Store, scope: Scope, tenant_id: int
) -> None:
    """The next version of its writer is newer than our closing."""
    await put(writer_store, [session(tenant_id, seen_at=LONG_AGO, version=7)], f"a-{tenant_id}")
    await close_abandoned(writer_store, silent_s=300)
    await put(writer_store, [session(tenant_id, version=9)], f"b-{tenant_id}")
    (found,) = await queries.sessions(scope, CONTENT_ID)
    assert found.exit_reason == ExitReason.OPEN


async def test_the_process_does_it_by_itself(tmp_path: Path) -> None:
    """Bins appear and abandoned sessions end without anybody asking."""
    with StoreProcess(tmp_path / "data", maintenance_s=0.1, abandoned_s=60) as process:
        async with open_store(process.url()) as store:
            row = session(1, seen_at=LONG_AGO, segments=segments((0, 2000)))
            await put(store, [row], "once")
            scope = Scope(store, 1)
            async with asyncio.timeout(60):
                while not await queries.overview(scope, [CONTENT_ID]):  # noqa: ASYNC110  another process
                    await asyncio.sleep(0.05)
            (found,) = await queries.sessions(scope, CONTENT_ID)
    assert found.exit_reason == ExitReason.LOST
    assert "bins_recomputed" in process.log
