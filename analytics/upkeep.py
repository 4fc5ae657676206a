"""What the store does by itself: fresh bins, and an end for abandoned sessions.

One supervised task of `serve`. It is a client like any other, so it works over any ClickHouse.
"""

import asyncio
import uuid

import structlog
from prometheus_client import Counter
from rapt.errors import RaptError

from analytics.config import AnalyticsConfig
from analytics.rollup import dirty_contents, recompute
from analytics.store import Store

RECOMPUTED = Counter("rapt_store_contents_recomputed", "Contents whose bins were computed anew.")
CLOSED = Counter("rapt_store_sessions_closed", "Sessions closed because their client fell silent.")

log = structlog.get_logger(__name__)

_ABANDONED = (
    "(SELECT * FROM sessions FINAL WHERE exit_reason = 'open'"
    " AND seen_at < now64(3) - toIntervalSecond({silent_s:UInt32}))"
)


async def keep_up(store: Store, config: AnalyticsConfig) -> None:
    """Look after the store until cancelled."""
    while True:
        await asyncio.sleep(config.maintenance_s)
        try:
            await tidy(store, abandoned_s=config.abandoned_s)
        except RaptError as error:
            log.warning("upkeep_postponed", reason=str(error))
        except Exception:  # root of a task: it must not end
            log.exception("upkeep_failed")


async def tidy(store: Store, *, abandoned_s: float) -> None:
    """Do once what is to be done now."""
    closed = await close_abandoned(store, silent_s=int(abandoned_s))
    if closed:
        log.info("sessions_closed", sessions=closed)
    for dirty in await dirty_contents(store):
        bins = await recompute(store, dirty)
        RECOMPUTED.inc()
        log.info("bins_recomputed", bins=bins)


async def close_abandoned(store: Store, *, silent_s: int) -> int:
    """Close open sessions without a sign of life; return how many.

    Their reason is `left` if the page was hidden last, else `lost`. The version is only one higher,
    so that a client that comes back after all is newer.
    """
    silent = {"silent_s": silent_s}
    found = await store.query(f"SELECT count() FROM {_ABANDONED}", silent)  # noqa: S608  our own text
    count = int(found.result_rows[0][0])
    if count == 0:
        return 0
    await store.execute(
        "INSERT INTO sessions SELECT * REPLACE ("  # noqa: S608  our own text
        " if((tenant_id, content_id, session_id) IN"
        " (SELECT tenant_id, content_id, session_id FROM interactions FINAL"
        " WHERE kind IN ('hidden', 'visible')"
        f" AND session_id IN (SELECT session_id FROM {_ABANDONED})"
        " GROUP BY tenant_id, content_id, session_id HAVING argMax(kind, (ts, seq)) = 'hidden'),"
        f" 'left', 'lost') AS exit_reason, version + 1 AS version) FROM {_ABANDONED}",
        silent,
        {"insert_deduplication_token": uuid.uuid4().hex},
    )
    CLOSED.inc(count)
    return count
