"""Every knob of the store, its unit in its name, its default beside it.

Prefix `RAPT_ANALYTICS_`. `data` and the two passwords belong to the embedded store; `store_url`
names an external ClickHouse, for every command but `serve`.
"""

from pathlib import Path
from typing import Annotated, Literal

import msgspec
from rapt.address import Address, parse_address
from rapt.config import Secret

PREFIX = "RAPT_ANALYTICS_"

Positive = Annotated[int, msgspec.Meta(gt=0)]


class AnalyticsConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What `python -m analytics` needs to know."""

    listen: str = "127.0.0.1:8123"
    """Address of the store's HTTP server; port 0 takes a free one."""
    data: Path = Path(".rapt/store")
    """Folder of the embedded store; one process owns it."""
    writer_password: Secret = Secret("")
    """Password of the account "writer"; serving needs one."""
    reader_password: Secret = Secret("")
    """Password of the account "reader"; serving needs one."""
    store_url: Secret = Secret("")
    """External ClickHouse, "http://user:password@host:8123/rapt"; empty = the embedded store."""
    max_memory_bytes: Annotated[int, msgspec.Meta(ge=0)] = 0
    """Cap of the embedded engine; 0 = the smaller of 1.5 GB and a quarter of the machine."""
    writer_memory_bytes: Positive = 800_000_000
    """Cap of one statement of the writer."""
    writer_s: Positive = 30
    """Seconds that one statement of the writer may take."""
    reader_memory_bytes: Positive = 400_000_000
    """Cap of one query of the reader."""
    reader_s: Positive = 10
    """Seconds that one query of the reader may take."""
    reader_rows: Positive = 1_000_000
    """Rows that one answer to the reader may have."""
    max_body_bytes: Positive = 64 << 20
    """Largest request, as sent and as unpacked; a larger one gets 413."""
    max_queries: Positive = 8
    """Statements at once; the next one gets 503."""
    maintenance_s: Annotated[float, msgspec.Meta(gt=0)] = 15.0
    """Seconds between looks for dirty contents and abandoned sessions."""
    metrics_listen: str | None = None
    """Address of the Prometheus endpoint of `upkeep`; `serve` has it on its own address."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """Least severe event that is logged."""
    abandoned_s: Annotated[float, msgspec.Meta(gt=0)] = 300.0
    """Seconds without a sign of life after which an open session is closed."""

    @property
    def address(self) -> Address:
        """Where to listen.

        Raises:
            Misconfigured: `listen` is no address.
        """
        return parse_address(self.listen, setting=f"{PREFIX}LISTEN", min_port=0)
