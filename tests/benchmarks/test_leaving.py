"""Leaving in the middle of a batch."""

import asyncio
from pathlib import Path

import pytest
from rapt.errors import Unavailable

from benchmarks import leaving
from benchmarks.leaving import CLIENTS, leave
from benchmarks.servers.inside.sleep_model import Counts


class Server:
    """Runs its waiting requests in one batch, the first one alone."""

    def __init__(self, *, strands: int) -> None:
        self.running = 0
        self.asked = 0
        self._left = asyncio.Event()
        self._strands = strands

    async def ask(self) -> bool:
        """Answer after the batch, unless a leaver's mate is stranded."""
        self.asked += 1
        number = self.asked
        if number == 1:
            return True
        self.running = CLIENTS if number == 1 + CLIENTS else 0
        if number > 1 + CLIENTS - self._strands:
            await asyncio.Event().wait()
        try:
            await (self._left.wait() if number > 2 else asyncio.Event().wait())
        finally:
            self._left.set()  # the second is the one who leaves, in the middle of the batch
        return True


@pytest.mark.parametrize("strands", [0, 2])
async def test_whoever_stays_without_an_answer_is_counted(
    strands: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first leaves; of the other three some may hang for ever."""
    server = Server(strands=strands)
    monkeypatch.setattr(leaving, "WAIT_S", 0.5)
    monkeypatch.setattr(leaving, "counts_of", lambda _: Counts(0, 0, 0.0, server.running))
    assert await leave([server.ask] * (1 + CLIENTS), Path("counts")) == strands


async def test_without_a_shared_batch_nothing_is_claimed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that never batches has not passed."""
    server = Server(strands=0)
    monkeypatch.setattr(leaving, "SHARED_WITHIN_S", 0.05)
    monkeypatch.setattr(leaving, "counts_of", lambda _: Counts(0, 0, 0.0, 1))
    with pytest.raises(Unavailable, match="never shared a batch"):
        await leave([server.ask] * (1 + CLIENTS), Path("counts"))
