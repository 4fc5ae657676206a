"""Rows as columns: what the writer sends is one Arrow stream a table.

The columns of a table are the fields of its struct, in their order; a test compares them with the
store's own. The segments of a session become one list column for each of their fields.
"""

from collections.abc import Sequence
from typing import Any, Literal

import pyarrow as pa  # type: ignore[import-untyped]  # it has no stubs

from analytics.facts import Fact, Interaction, Row, Segment, Session

Table = Literal["facts", "interactions", "sessions"]

TABLES: dict[Table, type[Row]] = {
    "facts": Fact,
    "interactions": Interaction,
    "sessions": Session,
}

_UTC = pa.timestamp("ms", "UTC")
_WIDE = {  # the others are UInt32
    **dict.fromkeys(("content_id", "session_id", "user_key", "batch", "version"), pa.uint64()),
    "attention_sumsq": pa.uint64(),
    **dict.fromkeys(("ts", "opened_at", "seen_at", "at"), _UTC),
    **dict.fromkeys(("role", "player", "exit_reason"), pa.int8()),  # Enum8
    **dict.fromkeys(("visible", "idle", "pass_no", "frames", "verdict"), pa.uint8()),
    **dict.fromkeys(("attention_pct", "on_screen_pct", "eyes_closed_pct"), pa.uint8()),
    "confidence_pct": pa.uint8(),
    **dict.fromkeys(("advance_ms", "keep_days", "camera_keep_days", "rate_pct"), pa.uint16()),
    **dict.fromkeys(("model", "policy", "kind", "device"), pa.string()),
    "value": pa.float32(),
}


def column_names(table: Table) -> list[str]:
    """Return the columns of a table in their order."""
    names = []
    for field in TABLES[table].__struct_fields__:
        if field == "segments":
            names += [f"segment.{inner}" for inner in Segment.__struct_fields__]
        else:
            names.append(field)
    return names


def arrow_stream(table: Table, rows: Sequence[Row], *, batch: int) -> bytes:
    """Return rows of one table as an Arrow stream; `batch` fills the column of that name."""
    columns: dict[str, Any] = {}  # Arrow arrays, which have no types
    for field in TABLES[table].__struct_fields__:
        if field == "segments":
            columns |= _segment_columns(rows)
        elif field == "batch":
            columns[field] = pa.array([batch] * len(rows), pa.uint64())
        else:
            kind = _WIDE.get(field, pa.uint32())
            columns[field] = pa.array([_plain(getattr(row, field)) for row in rows], kind)
    whole = pa.table(columns)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, whole.schema) as stream:
        stream.write_table(whole)
    return bytes(sink.getvalue())


def _segment_columns(rows: Sequence[Row]) -> dict[str, Any]:
    """Return one list column for each field of a segment."""
    sessions = [row.segments for row in rows if isinstance(row, Session)]
    return {
        f"segment.{field}": pa.array(
            [[_plain(getattr(s, field)) for s in segments] for segments in sessions],
            pa.list_(_WIDE.get(field, pa.uint32())),
        )
        for field in Segment.__struct_fields__
    }


def _plain(value: Any) -> Any:  # any value that a column may have
    """Return true and false as the numbers that the store keeps."""
    return int(value) if isinstance(value, bool) else value
