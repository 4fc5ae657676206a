"""Tenants of a worker: what their grants say they weigh is what they get of its device."""

import asyncio
import hashlib
import time
from collections import Counter
from collections.abc import Sequence

from rapt.deadline import Deadline

from inference.engine.engine import Engine, Held
from inference.grants import Grant, Grants
from inference.messages import ShedReason
from inference.perception.look import Look, Seen, Unreadable
from tests.inference.fakes import FakePipeline, running_house

LIGHT, HEAVY = 1, 2
STREAMS = 12
"""Of each tenant: more than are taken before the first is back."""
BATCHES = 10
FAR_S = 3600.0


class FourAtOnce(FakePipeline):
    """A device of one size, which writes down whose frames it was given."""

    buckets = (4,)  # type: ignore[assignment]  # another number of sizes

    def __init__(self) -> None:
        super().__init__()
        self.tenants: list[Counter[int]] = []
        self.is_enough = asyncio.Event()
        self._loop = asyncio.get_running_loop()

    def observe(self, looks: Sequence[Look]) -> list[Seen | Unreadable]:
        """Note the batch."""
        self.tenants.append(Counter(int(look.image) for look in looks))
        if len(self.tenants) == BATCHES:
            self._loop.call_soon_threadsafe(self.is_enough.set)
        return super().observe(looks)


class Greedy:
    """A stream that always has a frame waiting, until it was enough."""

    served_at_s = 0.0
    cost = 1

    def __init__(self, number: int, tenant: int, engine: Engine, device: FourAtOnce) -> None:
        self.number = number
        self.tenant = tenant
        self._engine = engine
        self._device = device

    def offer(self) -> None:
        """Let a frame wait."""
        now_s = time.monotonic()
        self._engine.offer(Held(self, None, now_s, 0.0, Deadline(now_s + FAR_S)))

    def job(self, _: Held) -> Look:
        """Say whose it is."""
        return Look(str(self.tenant).encode())

    def answer(self, _: Held, result: Seen | Unreadable, *, started_s: float) -> None:
        """Come again."""
        assert isinstance(result, Seen)
        assert started_s > 0
        if not self._device.is_enough.is_set():
            self.offer()

    def shed(self, held: Held, reason: ShedReason, detail: str) -> None:
        """Leave."""


async def test_a_full_device_is_shared_by_the_weights_of_the_grants() -> None:
    """Three times the weight, three of the four places of every batch."""
    tokens = {
        hashlib.sha256(b"light").digest(): Grant(LIGHT, weight=1.0),
        hashlib.sha256(b"heavy").digest(): Grant(HEAVY, weight=3.0),
    }
    device = FourAtOnce()
    async with running_house(device, grants=Grants(tenants=tokens)) as house:
        engine = house.worker.engine
        for number in range(2 * STREAMS):
            Greedy(number, (LIGHT, HEAVY)[number % 2], engine, device).offer()
        await asyncio.wait_for(device.is_enough.wait(), 30)
    assert device.tenants[:BATCHES] == [Counter({HEAVY: 3, LIGHT: 1})] * BATCHES
