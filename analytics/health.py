"""Is the store well? What `check` prints: one line a finding, each with its figure."""

from dataclasses import dataclass

from rapt.errors import Fault, Misconfigured, Unavailable

from analytics.migrate import known_migrations, require_version
from analytics.store import Store

MIN_FREE_BYTES = 2 << 30  # merges need room for a copy of their parts
MAX_PARTS = 300  # of one table in one partition; ClickHouse slows inserts from 1,000 on


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at."""

    name: str
    is_good: bool
    figure: str


async def findings(store: Store, database: str) -> list[Finding]:
    """Look at version, schema, disk and parts."""
    try:
        version = await store.execute("SELECT version()")
    except (Unavailable, Fault) as error:
        return [Finding("store answers", is_good=False, figure=str(error))]
    try:
        require_version(version)
        found = [Finding("version", is_good=True, figure=version)]
        applied = await store.execute("SELECT uniqExact(number) FROM migrations")
    except Misconfigured as error:
        return [Finding("version", is_good=False, figure=str(error))]
    except Fault:
        return [*found, Finding("schema", is_good=False, figure="run python -m analytics migrate")]
    known = len(known_migrations())
    schema = Finding("schema", is_good=int(applied) == known, figure=f"{applied} of {known}")
    free = await store.execute("SELECT min(free_space) FROM system.disks")
    disk = Finding("free disk", is_good=int(free) > MIN_FREE_BYTES, figure=f"{free} bytes")
    parts = await store.execute(
        "SELECT max(n) FROM (SELECT count() AS n FROM system.parts WHERE active"
        " AND database = {database:String} GROUP BY table, partition)",
        {"database": database},
    )
    return [*found, schema, disk, Finding("parts", int(parts or 0) <= MAX_PARTS, f"{parts}")]
