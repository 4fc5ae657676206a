"""Bins equal what the same question gives from segments and facts."""

# ruff: noqa: S608  only names of our own enums are put into the text of a statement

import numpy as np
import pytest

from analytics import queries
from analytics.facts import ExitReason, Role, Row
from analytics.retention import retention
from analytics.rollup import BIN_S, Dirty, dirty_contents, recompute
from analytics.scope import Scope, Table
from analytics.store import Store
from tests.analytics.rows import CONTENT_ID, fact, put, segments, session


def _class(tenant_id: int, version: int = 1) -> list[Row]:
    """Return three students and a teacher with rewinds, hidden play and gaps in the scores."""
    rows: list[Row] = [
        session(
            tenant_id,
            session_id=user,
            version=version,
            segments=segments((0, 9_500), (3_000, 4_000 * user), (500, 2_500, False)),
        )
        for user in (1, 2, 3)
    ]
    rows.append(session(tenant_id, session_id=4, role=Role.TEACHER, segments=segments((0, 60_000))))
    rows += [
        fact(tenant_id, session_id=user, t_s=t, attention_pct=None if t == 3 else 20 * user + t)
        for user in (1, 2, 3)
        for t in range(9)
    ]
    return rows


async def _mine(store: Store, tenant_id: int, *, rest_s: float = 0) -> list[Dirty]:
    found = await dirty_contents(store, rest_s=rest_s)
    return [dirty for dirty in found if dirty.tenant_id == tenant_id]


async def _bins(scope: Scope, bin_s: int) -> list[tuple[float, ...]]:
    return await scope.rows(
        "SELECT bin, plays_ms, unique_ms, hidden_ms, users, attention_n, attention_sum,"
        f" attention_sumsq FROM {scope.table(Table.BINS)}"
        " WHERE content_id = {c:UInt64} AND bin_s = {bin_s:UInt8} ORDER BY bin",
        c=CONTENT_ID,
        bin_s=bin_s,
    )


@pytest.mark.parametrize("bin_s", BIN_S)
async def test_bins_agree_with_segments_and_facts(
    writer_store: Store, scope: Scope, tenant_id: int, bin_s: int
) -> None:
    """Every column of every bin, staff left out."""
    await put(writer_store, _class(tenant_id), f"bins-{tenant_id}")
    (dirty,) = await _mine(writer_store, tenant_id)
    await recompute(writer_store, dirty)
    found = np.array(await _bins(scope, bin_s))
    plays = await queries.plays_of(scope, CONTENT_ID)
    counted = retention(plays, length_ms=12_000, bin_ms=bin_s * 1000)
    assert found[:, 0].tolist() == list(range(len(counted.width_ms)))
    assert found[:, 1].tolist() == counted.plays_ms.tolist()
    assert found[:, 2].tolist() == counted.unique_ms.tolist()
    assert found[:, 3].tolist() == counted.hidden_ms.tolist()
    assert set(found[:, 4]) == {3}
    means = [
        [np.mean([20 * u + t for t in range(9) if t // bin_s == b and t != 3]) for u in (1, 2, 3)]
        for b in range(-(-9 // bin_s))
        if bin_s > 1 or b != 3
    ]
    scored = found[found[:, 5] > 0]
    assert scored[:, 6].tolist() == pytest.approx([sum(m) / 100 for m in means])
    assert scored[:, 7].tolist() == pytest.approx([sum(x * x for x in m) / 1e4 for m in means])


async def test_a_content_is_dirty_until_it_is_recomputed(
    writer_store: Store, tenant_id: int
) -> None:
    """And again as soon as a session has a newer version, but not more often than it may."""
    await put(writer_store, _class(tenant_id), f"dirty-{tenant_id}")
    (dirty,) = await _mine(writer_store, tenant_id)
    await recompute(writer_store, dirty)
    assert await _mine(writer_store, tenant_id) == []
    await put(writer_store, _class(tenant_id, version=2), f"dirty2-{tenant_id}")
    assert await _mine(writer_store, tenant_id, rest_s=60) == []
    assert len(await _mine(writer_store, tenant_id)) == 1


async def test_recomputing_twice_changes_nothing(
    writer_store: Store, scope: Scope, tenant_id: int
) -> None:
    """The newest version holds, and it is the same."""
    await put(writer_store, _class(tenant_id), f"twice-{tenant_id}")
    (dirty,) = await _mine(writer_store, tenant_id)
    await recompute(writer_store, dirty)
    before = await _bins(scope, 1)
    await recompute(writer_store, dirty)
    assert await _bins(scope, 1) == before


async def test_a_correction_leaves_no_old_bin_behind(
    writer_store: Store, scope: Scope, tenant_id: int
) -> None:
    """A session that became void, or shorter, empties the bins that it had filled."""
    long = session(tenant_id, session_id=1, segments=segments((0, 8_000)))
    short = session(tenant_id, session_id=2, segments=segments((0, 2_000)))
    await put(writer_store, [long, short], f"long-{tenant_id}")
    (dirty,) = await _mine(writer_store, tenant_id)
    await recompute(writer_store, dirty)
    void = session(tenant_id, session_id=1, version=2, exit_reason=ExitReason.VOID)
    await put(writer_store, [void], f"void-{tenant_id}")
    (dirty,) = await _mine(writer_store, tenant_id)
    await recompute(writer_store, dirty)
    found = await _bins(scope, 1)
    assert [row[1] for row in found] == [1000, 1000, 0, 0, 0, 0, 0, 0]


async def test_a_content_that_nobody_played_has_no_bins(
    writer_store: Store, scope: Scope, tenant_id: int
) -> None:
    """And is not dirty for ever."""
    await put(writer_store, [session(tenant_id)], f"empty-{tenant_id}")
    (dirty,) = await _mine(writer_store, tenant_id)
    assert await recompute(writer_store, dirty) == 0
    assert await _mine(writer_store, tenant_id) == []
    assert await _bins(scope, 1) == []
