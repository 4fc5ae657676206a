"""The store that the tests of this folder share: ours, or the one of RAPT_TEST_CLICKHOUSE_URL.

Each test has a tenant of its own, so nobody sees the rows of another test.
"""

import asyncio
import itertools
import os
import uuid
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import msgspec
import pytest

from analytics.client import ClientConfig
from analytics.migrate import migrate
from analytics.scope import Scope
from analytics.store import Store, open_store
from tests.analytics.process import StoreProcess

_tenants = itertools.count(1)


@dataclass(frozen=True)
class Served:
    """A migrated store."""

    writer_url: str
    reader_url: str
    is_ours: bool
    port: int = 0
    pid: int = 0


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Return the store of this run."""
    external = os.environ.get("RAPT_TEST_CLICKHOUSE_URL")
    if external:
        yield from _external(external)
        return
    data = tmp_path_factory.mktemp("store") / "data"
    with StoreProcess(data, maintenance_s=3600) as process:
        yield Served(
            process.url("writer"),
            process.url("reader"),
            is_ours=True,
            port=process.port,
            pid=process.pid,
        )


def _external(url: str) -> Iterator[Served]:
    """Make a database for this run and remove it afterwards."""
    config = ClientConfig.parse(url)
    database = f"rapt_test_{uuid.uuid4().hex[:8]}"
    store = Store(msgspec.structs.replace(config, database="default"))
    with asyncio.Runner() as runner:
        migrate(lambda sql: runner.run(store.execute(sql)), database)
        own = f"{url.rsplit('/', 1)[0]}/{database}"
        yield Served(own, own, is_ours=False)
        runner.run(store.execute(f"DROP DATABASE {database}"))
        runner.run(store.close())


@pytest.fixture
async def writer_store(served: Served) -> AsyncIterator[Store]:
    """Return the store as the writer."""
    async with open_store(served.writer_url) as store:
        yield store


@pytest.fixture
async def reader_store(served: Served) -> AsyncIterator[Store]:
    """Return the store as the reader."""
    async with open_store(served.reader_url) as store:
        yield store


@pytest.fixture
def tenant_id() -> int:
    """Return a tenant that no other test has."""
    return next(_tenants)


@pytest.fixture
def scope(reader_store: Store, tenant_id: int) -> Scope:
    """Return that tenant's view."""
    return Scope(reader_store, tenant_id)
