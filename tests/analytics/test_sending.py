"""What is sent when the store says no, and when it is asked again."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest
from rapt.errors import Fault

from analytics import queries
from analytics.client import ClientConfig
from analytics.scope import Scope
from analytics.spool import Spool
from analytics.store import ARROW, Store
from analytics.writer import Writer
from tests.analytics.conftest import Served
from tests.analytics.rows import CONTENT_ID, fact, session
from tests.waiting import until


class _Refusing(Store):
    """A store that refuses the first file it is sent, whenever it comes."""

    refused: str | None = None

    async def insert(
        self, table: str, columns: Sequence[str], rows: bytes, *, token: str, form: str = ARROW
    ) -> None:
        """Refuse or pass on."""
        self.refused = self.refused or token
        if token == self.refused:
            raise Fault("the store refuses: on purpose")
        await super().insert(table, columns, rows, token=token, form=form)


async def test_a_refused_file_keeps_nothing_back(
    served: Served, scope: Scope, tenant_id: int, tmp_path: Path
) -> None:
    """A file that the store refuses stays in the spool; those after it are sent."""
    store = _Refusing(ClientConfig.parse(served.writer_url))
    async with Writer(store, Spool(tmp_path), flush_s=0.02) as writer:
        await writer.save([session(tenant_id)])
        await until(lambda: store.refused is not None, "a file of its own is refused")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await writer.flush()
        await writer.save([fact(tenant_id)])
        await until(lambda: writer.stats.sent["facts"] == 1, "the next file is sent")
    assert writer.stats.waiting == 1
    found = await queries.totals(scope, CONTENT_ID)
    assert (found.facts, found.sessions) == (1, 0)
