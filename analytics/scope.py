"""One tenant's view of the store: the only way to read.

Two belts. A query names a table through `Scope.table`, which carries the tenant as a bound
parameter; and the engine itself filters every mention of every table, so a query that forgot the
first belt still sees one tenant. Rows are read with FINAL: a row that was sent twice counts once.
Values that come from the camera are masked as soon as their days are over, for the engine drops
them only when it merges.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

import msgspec

from analytics.facts import U32
from analytics.store import Store


class Table(StrEnum):
    """What may be read."""

    FACTS = "facts"
    INTERACTIONS = "interactions"
    SESSIONS = "sessions"
    BINS = "bins"


_KEPT = "toDateTime({time}) + toIntervalDay(keep_days) > now()"
_CAMERA_OVER = "toDateTime(ts) + toIntervalDay(camera_keep_days) <= now()"
_SCORES = ("attention_pct", "on_screen_pct", "eyes_closed_pct")
_COUNTS = ("frames", "verdict", "confidence_pct")

_MASKED = ", ".join(
    [f"if({_CAMERA_OVER}, NULL, {name}) AS {name}" for name in _SCORES]
    + [f"if({_CAMERA_OVER}, 0, {name}) AS {name}" for name in _COUNTS]
)

_WHERE = {
    Table.FACTS: " AND " + _KEPT.format(time="ts"),
    Table.INTERACTIONS: " AND " + _KEPT.format(time="ts"),
    Table.SESSIONS: " AND " + _KEPT.format(time="opened_at"),
    Table.BINS: "",
}


class Scope:
    """Reads for one tenant."""

    def __init__(self, store: Store, tenant_id: int) -> None:
        self._store = store
        self._tenant_id = msgspec.convert(tenant_id, U32)
        rule = f"tenant_id = {self._tenant_id}"
        filters = ", ".join(f"'{table}': '{rule}'" for table in Table)
        self._settings = {
            "additional_table_filters": f"{{{filters}}}",
            "do_not_merge_across_partitions_select_final": "1",
        }

    @property
    def tenant_id(self) -> int:
        """Return whose view this is."""
        return self._tenant_id

    def table(self, table: Table, *, final: bool = True) -> str:
        """Return the tenant's part of a table, to stand after FROM.

        Without `final` a row that was stored twice is seen twice.
        """
        columns = f"* REPLACE ({_MASKED})" if table is Table.FACTS else "*"
        return (
            f"(SELECT {columns} FROM {table}{' FINAL' if final else ''}"  # noqa: S608  names from an enum
            f" WHERE tenant_id = {{tenant_id:UInt32}}{_WHERE[table]})"
        )

    async def rows(self, sql: str, **values: Any) -> list[tuple[Any, ...]]:  # columns of any type
        """Return the rows of a query; values are bound parameters.

        Raises:
            Unavailable: the store is away or full.
        """
        result = await self._store.query(sql, self._bound(values), self._settings)
        return [tuple(row) for row in result.result_rows]

    async def columns(
        self, sql: str, *names: str, **values: Any
    ) -> list[Sequence[Any]]:  # any type
        """Return the named columns of a query, for arrays; values are bound parameters.

        Raises:
            Unavailable: the store is away or full.
        """
        result = await self._store.query(sql, self._bound(values), self._settings, by_column=True)
        if not result.column_names:  # an empty answer has no head
            return [()] * len(names)
        found = dict(zip(result.column_names, result.result_columns, strict=True))
        return [found[name] for name in names]

    def _bound(self, values: dict[str, Any]) -> dict[str, Any]:
        """Add the tenant, which nobody may set."""
        if "tenant_id" in values:
            raise ValueError("the tenant of a scope is not a parameter")
        return {**values, "tenant_id": self._tenant_id}
