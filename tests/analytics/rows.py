"""Rows with defaults, for tests that care about one or two of their values."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from analytics.columns import TABLES, arrow_stream, column_names
from analytics.facts import Fact, Interaction, Player, Row, Segment, Session
from analytics.store import Store

OPENED_AT = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
CONTENT_ID = 2**63 + 7  # above what a signed number or a float can hold


def fact(tenant_id: int, **changes: Any) -> Fact:  # values of any field
    """Return a played, visible second without a score."""
    t_s = changes.get("t_s", 0)
    values: dict[str, Any] = {  # as above
        "tenant_id": tenant_id,
        "content_id": CONTENT_ID,
        "session_id": 1,
        "t_s": t_s,
        "user_key": changes.get("session_id", 1),
        "ts": OPENED_AT + timedelta(seconds=t_s),
        "media_ms": t_s * 1000,
        "advance_ms": 1000,
        "player": Player.PLAYING,
        "visible": True,
    }
    return Fact(**{**values, **changes})


def interaction(tenant_id: int, **changes: Any) -> Interaction:  # values of any field
    """Return a play event."""
    values: dict[str, Any] = {  # as above
        "tenant_id": tenant_id,
        "content_id": CONTENT_ID,
        "session_id": 1,
        "seq": 1,
        "user_key": changes.get("session_id", 1),
        "ts": OPENED_AT,
        "kind": "play",
        "from_ms": 0,
        "to_ms": 0,
    }
    return Interaction(**{**values, **changes})


def segments(*parts: tuple[int, int] | tuple[int, int, bool]) -> tuple[Segment, ...]:
    """Return segments from (from_ms, to_ms) or (from_ms, to_ms, visible)."""
    return tuple(
        Segment(from_ms=p[0], to_ms=p[1], visible=p[2] if len(p) > 2 else True, at=OPENED_AT)
        for p in parts
    )


def session(tenant_id: int, **changes: Any) -> Session:  # values of any field
    """Return an open session without segments."""
    values: dict[str, Any] = {  # as above
        "tenant_id": tenant_id,
        "content_id": CONTENT_ID,
        "session_id": 1,
        "user_key": changes.get("session_id", 1),
        "opened_at": OPENED_AT,
        "seen_at": datetime.now(UTC),
        "version": 1,
    }
    return Session(**{**values, **changes})


async def put(store: Store, rows: Sequence[Row], token: str) -> None:
    """Insert rows straight into the store."""
    for table, kind in TABLES.items():
        part: list[Row] = [row for row in rows if isinstance(row, kind)]
        if part:
            data = arrow_stream(table, part, batch=1)
            await store.insert(table, column_names(table), data, token=token)


def ids(rows: Iterable[Sequence[Any]]) -> list[int]:  # rows of any type
    """Return the first column as numbers."""
    return [int(row[0]) for row in rows]
