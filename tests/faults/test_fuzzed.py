"""Any bytes into any call of a real worker: typed answers, nothing left, and its memory is flat."""

import random
from collections import Counter
from pathlib import Path

import pytest

from tests.faults.worker import Worker, neighbour_on, worker_in
from tests.inference.bombarding import PER_ROUND, TYPED, bombard

SUMMING = ("tests.faults.summing",)
INPUTS = 200_000
MOST_GROWN_MB = 40.0
"""After the first fifth, which is warm-up: 260 bytes of each input."""


async def bombarded(worker: Worker, dice: random.Random, inputs: int) -> Counter[str]:
    """Send so many inputs; return how often each status came."""
    async with worker.channel() as channel:
        return await bombard(channel, dice, -(-inputs // PER_ROUND))


async def is_well(worker: Worker) -> None:
    """See that nothing is left and nothing went wrong."""
    await worker.settled()
    assert await worker.metric("rapt_model_requests_waiting") == 0
    assert worker.process.poll() is None


@pytest.mark.parametrize(
    "inputs", [1_000, pytest.param(INPUTS, marks=[pytest.mark.long, pytest.mark.timeout(1800)])]
)
async def test_whatever_is_sent_a_worker_answers_and_forgets(
    inputs: int, tmp_path: Path, models: Path, portrait: bytes
) -> None:
    """Beside it a session of real pictures has every verdict."""
    dice = random.Random(inputs)
    with worker_in(tmp_path / "worker", models=models, program=SUMMING) as worker:
        await worker.ready()
        async with neighbour_on(worker, portrait):
            counts = await bombarded(worker, dice, inputs // 5)
            began_mb = worker.memory_mb()
            for _ in range(4):
                counts += await bombarded(worker, dice, inputs // 5)
            grown_mb = worker.memory_mb() - began_mb
        await is_well(worker)
    print(f"{inputs} inputs: {dict(counts)}, {grown_mb:.1f} MB")  # noqa: T201  told by `pytest -s`
    assert set(counts) <= TYPED, counts
    assert grown_mb < MOST_GROWN_MB
