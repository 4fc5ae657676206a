"""A worker and a gateway for each test that asks for them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.gateway.fakes import FakeAnswers, FakePerception, FakeWorker
from tests.gateway.running import Running, config_for, run_gateway


@pytest.fixture
async def worker() -> AsyncIterator[FakeWorker]:
    """A worker that listens."""
    worker = FakeWorker()
    await worker.start()
    yield worker
    await worker.die()


@pytest.fixture
def perception_fake(worker: FakeWorker) -> FakePerception:
    """What the worker has seen."""
    return worker.perception


@pytest.fixture
def answers() -> FakeAnswers:
    """The store of the gateway."""
    return FakeAnswers()


@pytest.fixture
async def gateway(
    worker: FakeWorker, answers: FakeAnswers, tmp_path: Path
) -> AsyncIterator[Running]:
    """A gateway that listens."""
    async with run_gateway(config_for(tmp_path, worker.address), answers) as running:
        yield running
