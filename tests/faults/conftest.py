"""A worker that knows three callers, and a session on it that must not notice the other two."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.faults.worker import OURS, Neighbour, Worker, grants_in, neighbour_on, worker_in


@pytest.fixture(scope="module")
def worker(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Iterator[Worker]:
    """Return a real worker; in the end it runs still and has logged no fault."""
    folder = tmp_path_factory.mktemp("worker")
    with worker_in(folder, models=models, **grants_in(folder)) as worker:
        asyncio.run(worker.ready())
        yield worker
        assert worker.process.poll() is None
        assert '"level": "error"' not in worker.log()


@pytest.fixture
async def neighbour(worker: Worker, portrait: bytes) -> AsyncIterator[Neighbour]:
    """Return one whose every frame gets its verdict, whatever happens in the test."""
    async with neighbour_on(worker, portrait, token=OURS) as neighbour:
        yield neighbour
        assert neighbour.sheds == []
