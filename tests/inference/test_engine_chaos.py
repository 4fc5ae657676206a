"""Whatever happens in whatever order: each frame has exactly one outcome."""

import asyncio
import itertools
import random
import time

import pytest

from tests.inference.calling import WITHIN_S
from tests.inference.test_engine_faults import Asker, Bench, running_bench

STEPS = 300
OUTCOMES = {"answered", "superseded", "cancelled", "refused_fault", "expired"}


@pytest.mark.parametrize("seed", range(4))
async def test_every_frame_has_exactly_one_outcome(seed: int) -> None:
    """Frames come, are replaced and grow old, owners leave, steps take time, batches break."""
    rng = random.Random(seed)
    async with running_bench() as bench:
        askers, offered, late_s = bench.ask(12), 12, time.monotonic() + WITHIN_S
        for step in itertools.count():
            offered += await _disturb(rng, bench, askers)
            outcomes = sum(len(asker.outcomes) for asker in askers)
            held = len(bench.engine._waiting) + sum(
                len(batch.members()) for batch in bench.engine._under_way
            )
            assert outcomes + held == offered
            if step >= STEPS and _seen(askers) >= OUTCOMES:
                break
            assert time.monotonic() < late_s, _seen(askers)
        bench.device.breaks = None
        bench.device.release()
        async with asyncio.timeout(WITHIN_S):
            while len(bench.engine._waiting) or bench.engine._under_way:  # noqa: ASYNC110  # no event says that all is done
                await asyncio.sleep(0.005)
    assert sum(len(asker.outcomes) for asker in askers) == offered


def _seen(askers: list[Asker]) -> set[str]:
    """Return what has become of frames so far."""
    return {outcome for asker in askers for outcome in asker.outcomes}


async def _disturb(rng: random.Random, bench: Bench, askers: list[Asker]) -> int:
    """Do one thing; return how many frames it brought."""
    device = bench.device
    step = rng.choice(["offer"] * 6 + ["leave", "hold", "go", "one", "break", "large", "wait"])
    if step == "offer":
        bench.offer(rng.choice(askers), budget_s=rng.choice([20, 20, 0.01]))
        return 1
    if step == "leave":
        bench.engine.leave(rng.choice(askers))
    elif step == "hold":
        rng.choice([device.preparing, device.running]).close()
    elif step == "go":
        device.release()
    elif step == "one":
        rng.choice([device.preparing, device.running]).let_one_through()
    elif step == "break":
        device.breaks = rng.choice([RuntimeError("a shape is wrong"), MemoryError()])
    elif step == "large":
        device.most_jobs = rng.choice([2, 8])
    else:
        await asyncio.sleep(rng.choice([0, 0.002, 0.01]))
    return 0
