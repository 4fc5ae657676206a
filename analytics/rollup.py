"""Bins: one content's counts per second, recomputed whole when its sessions changed, never patched.

A content is dirty when the newest versions of its sessions differ from those that its bins were
computed from. Every bin is written, zeros too, with the clock as version, so a recomputation may
be repeated, or race with another, without harm.
"""

# ruff: noqa: S608  only names of our own enums are put into the text of a statement

import time
import uuid
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.queries import plays_of, scored_seconds
from analytics.retention import Retention, retention
from analytics.scope import Scope, Table
from analytics.store import Store

BIN_S = (1, 5)
REST_S = 30  # between two recomputations of one content

_BIN = np.dtype(  # a row of `bins` as RowBinary has it
    [
        ("tenant_id", "<u4"),
        ("content_id", "<u8"),
        ("bin_s", "<u1"),
        ("bin", "<u4"),
        ("plays_ms", "<u8"),
        ("unique_ms", "<u8"),
        ("hidden_ms", "<u8"),
        ("users", "<u4"),
        ("attention_n", "<u4"),
        ("attention_sum", "<f8"),
        ("attention_sumsq", "<f8"),
        ("version", "<u8"),
    ]
)
_ROLLUP = np.dtype(
    [("tenant_id", "<u4"), ("content_id", "<u8"), ("sessions_hash", "<u8"), ("version", "<u8")]
)


@dataclass(frozen=True, slots=True)
class Dirty:
    """A content whose bins are out of date."""

    tenant_id: int
    content_id: int
    sessions_hash: int
    """Of session ids and versions; what the bins will stand for."""


async def dirty_contents(store: Store, *, rest_s: float = REST_S) -> list[Dirty]:
    """Return the contents of all tenants to recompute: changed, and at rest for long enough."""
    found = await store.query(
        "SELECT tenant_id, content_id, now_hash FROM"
        " (SELECT tenant_id, content_id, groupBitXor(sipHash64(session_id, version)) AS now_hash"
        " FROM sessions FINAL GROUP BY tenant_id, content_id) AS now LEFT JOIN"
        " (SELECT tenant_id, content_id, sessions_hash, version FROM rollups FINAL) AS then"
        " USING (tenant_id, content_id) WHERE now_hash != sessions_hash"
        " AND version <= {before:UInt64} ORDER BY version",
        {"before": time.time_ns() - int(rest_s * 1e9)},
    )
    return [Dirty(*(int(value) for value in row)) for row in found.result_rows]


async def recompute(store: Store, dirty: Dirty) -> int:
    """Compute and write all bins of one content; return how many."""
    version = time.time_ns()
    scope = Scope(store, dirty.tenant_id)
    plays = await plays_of(scope, dirty.content_id)
    length_ms = max(int(plays.to_ms.max(initial=0)), await _known_length_ms(scope, dirty))
    parts = []
    for bin_s in BIN_S:
        counted = retention(plays, length_ms=length_ms, bin_ms=bin_s * 1000)
        bins = _rows(dirty, bin_s, version, counted)
        await _add_attention(scope, bins, dirty, bin_s)
        parts.append(bins)
    whole = np.concatenate(parts)
    await _insert(store, "bins", whole)
    done = np.array(
        [(dirty.tenant_id, dirty.content_id, dirty.sessions_hash, version)], dtype=_ROLLUP
    )
    await _insert(store, "rollups", done)
    return len(whole)


async def _known_length_ms(scope: Scope, dirty: Dirty) -> int:
    """Return where the old bins end: a corrected session may have become shorter."""
    rows = await scope.rows(
        f"SELECT max((bin + 1) * bin_s) FROM {scope.table(Table.BINS)}"
        " WHERE content_id = {content_id:UInt64} AND bin_s = 1",
        content_id=dirty.content_id,
    )
    return int(rows[0][0] or 0) * 1000


def _rows(dirty: Dirty, bin_s: int, version: int, counted: Retention) -> NDArray[np.void]:
    """Return one row for each bin, without attention."""
    rows = np.zeros(len(counted.width_ms), _BIN)
    rows["tenant_id"], rows["content_id"] = dirty.tenant_id, dirty.content_id
    rows["bin_s"], rows["bin"], rows["version"] = bin_s, np.arange(len(rows)), version
    rows["plays_ms"], rows["unique_ms"] = counted.plays_ms, counted.unique_ms
    rows["hidden_ms"], rows["users"] = counted.hidden_ms, counted.users
    return rows


async def _add_attention(scope: Scope, rows: NDArray[np.void], dirty: Dirty, bin_s: int) -> None:
    """Fill in how many users have a score in each bin, and the sums of their means, 0..1."""
    if len(rows) == 0:
        return
    where, n, total, squares = await scope.columns(
        "SELECT bin, count() AS n, sum(mean) AS total, sum(mean * mean) AS squares FROM"
        " (SELECT user_key, intDiv(second, {bin_s:UInt32}) AS bin, avg(attention_pct) / 100 AS mean"
        f" FROM {scored_seconds(scope)} GROUP BY user_key, bin)"
        " WHERE bin < {bins:UInt32} GROUP BY bin",
        "bin",
        "n",
        "total",
        "squares",
        content_id=dirty.content_id,
        bin_s=bin_s,
        bins=len(rows),
    )
    at = np.array(where, np.int64)
    rows["attention_n"][at] = n
    rows["attention_sum"][at] = total
    rows["attention_sumsq"][at] = squares


async def _insert(store: Store, table: str, rows: NDArray[np.void]) -> None:
    """Insert rows whose fields are the table's columns."""
    names = list(rows.dtype.names or ())
    await store.insert(table, names, rows.tobytes(), token=uuid.uuid4().hex, form="RowBinary")


async def all_contents(store: Store) -> list[Dirty]:
    """Return every content as if it were dirty, for `rebuild`."""
    found = await store.query(
        "SELECT tenant_id, content_id, groupBitXor(sipHash64(session_id, version))"
        " FROM sessions FINAL GROUP BY tenant_id, content_id ORDER BY tenant_id, content_id"
    )
    return [Dirty(*(int(value) for value in row)) for row in found.result_rows]
