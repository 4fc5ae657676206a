"""What the writer counts, for people (`stats`) and for Prometheus."""

from collections import Counter as Tally
from dataclasses import dataclass, field

from prometheus_client import Counter, Gauge, Histogram

SAVED = Counter("rapt_facts_saved", "Rows safe on disk, by table.", ["table"])
SENT = Counter("rapt_facts_sent", "Rows that the store has, by table.", ["table"])
REFUSED = Counter("rapt_facts_refused", "Rows that were not kept, by reason.", ["reason"])
RETRIES = Counter("rapt_facts_retries", "Flushes that must be repeated.")
SPOOL_ROWS = Gauge("rapt_facts_spool_rows", "Rows that wait for the store.")
SPOOL_BYTES = Gauge("rapt_facts_spool_bytes", "Bytes of the spool on disk.")
SPOOL_OLDEST = Gauge("rapt_facts_spool_oldest_seconds", "Age of the oldest file that waits.")
FLUSH_SECONDS = Histogram("rapt_facts_flush_seconds", "Time to send one file of the spool.")


@dataclass(slots=True)
class WriterStats:
    """Counts since the start; `waiting` and `oldest_s` are of the last look."""

    saved: Tally[str] = field(default_factory=Tally)
    """Rows safe on disk by table: facts, interactions, sessions."""
    sent: Tally[str] = field(default_factory=Tally)
    """Rows that the store has by table, those of earlier processes too."""
    refused: Tally[str] = field(default_factory=Tally)
    """Rows not kept by reason: spool_full, fence, future, invalid."""
    recovered: int = 0
    """Rows that an earlier process left in the spool."""
    waiting: int = 0
    """Rows on disk that the store does not have yet."""
    oldest_s: float = 0.0
    """Age of the oldest waiting file, seconds."""
    retries: int = 0
    """Flushes that had to be repeated."""

    @property
    def sent_rows(self) -> int:
        """Return the rows that the store has."""
        return self.sent.total()
