"""Any bytes into any call of a real worker: typed answers, nothing left, and its memory is flat."""

import random
from pathlib import Path

import pytest

from benchmarks.breaking.bombarding import COUNTED, FAR, TYPED, Bombed, bombard
from benchmarks.breaking.fuzzing import SUMMING
from tests.faults.worker import Worker, neighbour_on, worker_in

NEIGHBOUR = 2 * FAR
INPUTS = 200_000
MOST_GROWN_MB = 20.0
"""After the first fifth, which is warm-up: 130 bytes of each input. Measured: 2 to 6."""
WARM_UP_MB = 80.0
"""Of a few inputs, all of which are warm-up: networks in their larger buckets, sessions."""


async def bombarded(worker: Worker, dice: random.Random, inputs: int) -> Bombed:
    """Send damaged bytes until so many were read, through a connection of their own."""
    async with worker.channel() as channel:
        return await bombard(channel, dice, inputs)


async def is_well(worker: Worker) -> None:
    """See that nothing is left and nothing went wrong."""
    await worker.settled()
    assert await worker.metric("rapt_model_requests_waiting") == 0
    assert worker.process.poll() is None


@pytest.mark.parametrize(
    ("inputs", "most_mb"),
    [
        pytest.param(1_000, WARM_UP_MB, id="a thousand"),
        pytest.param(
            INPUTS, MOST_GROWN_MB, id="all", marks=[pytest.mark.long, pytest.mark.timeout(1800)]
        ),
    ],
)
async def test_whatever_is_sent_a_worker_reads_answers_and_forgets(
    inputs: int, most_mb: float, tmp_path: Path, models: Path, portrait: bytes
) -> None:
    """Beside it a session of real pictures has every verdict."""
    dice = random.Random(inputs)
    with worker_in(tmp_path / "worker", models=models, program=SUMMING) as worker:
        await worker.ready()
        async with neighbour_on(worker, portrait, session_id=NEIGHBOUR) as neighbour:
            bombed = await bombarded(worker, dice, inputs // 5)
            began_mb = worker.memory_mb()
            for _ in range(4):
                bombed += await bombarded(worker, dice, inputs // 5)
            grown_mb = worker.memory_mb() - began_mb
        await is_well(worker)
        received = {kind: await worker.metric(series) for kind, series in COUNTED.items()}
    print(f"{bombed}, {grown_mb:.1f} MB")  # noqa: T201  told by `pytest -s`
    beside = {"frame": neighbour.answered, "event": neighbour.events}
    assert received == {kind: bombed.said[kind] + beside.get(kind, 0) for kind in COUNTED}
    assert bombed.inputs >= inputs, bombed
    assert set(bombed.statuses) <= TYPED, bombed
    assert grown_mb < most_mb
