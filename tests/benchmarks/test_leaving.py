"""Leaving in the middle of a batch."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from rapt.errors import Unavailable

from benchmarks import leaving
from benchmarks.leaving import CLIENTS, leave, left_behind
from benchmarks.servers import rapt
from benchmarks.servers.inside.sleep_model import Counts
from benchmarks.servers.server import Recipe, Setting


class Server:
    """Runs its waiting requests in one batch, the first one alone."""

    def __init__(self, *, leaver: int, strands: int) -> None:
        self.running = 0
        self._asked = 0
        self._leaver = leaver
        self._stranded = [place for place in range(CLIENTS) if place != leaver][:strands]
        self._left = asyncio.Event()

    async def ask(self) -> bool:
        """Answer when the one has left, unless its mate is stranded."""
        place = self._asked - 1
        self._asked += 1
        if place < 0:
            return True
        self.running = CLIENTS if place == CLIENTS - 1 else 0
        if place == self._leaver:
            try:
                await asyncio.Event().wait()
            finally:
                self._left.set()
        if place in self._stranded:
            await asyncio.Event().wait()
        await self._left.wait()
        return True


@pytest.mark.parametrize("strands", [0, 2])
@pytest.mark.parametrize("leaver", range(CLIENTS))
async def test_whoever_stays_without_an_answer_is_counted(
    leaver: int, strands: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One leaves; of the other three some may hang for ever."""
    server = Server(leaver=leaver, strands=strands)
    monkeypatch.setattr(leaving, "WAIT_S", 0.3)
    monkeypatch.setattr(leaving, "counts_of", lambda _: Counts(0, 0, 0.0, server.running))
    asks = [server.ask] * (1 + CLIENTS)
    assert await leave(asks, Path("counts"), leaver=leaver) == strands


async def test_without_a_shared_batch_nothing_is_claimed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that never batches has not passed."""
    server = Server(leaver=0, strands=0)
    monkeypatch.setattr(leaving, "SHARED_WITHIN_S", 0.05)
    monkeypatch.setattr(leaving, "counts_of", lambda _: Counts(0, 0, 0.0, 1))
    with pytest.raises(Unavailable, match="never shared a batch"):
        await leave([server.ask] * (1 + CLIENTS), Path("counts"), leaver=0)


async def test_each_leaves_in_its_turn_and_the_worst_turn_counts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Who is stranded may depend on who came before the one who left."""
    turns: list[int] = []

    @asynccontextmanager
    async def nothing(*_: object) -> AsyncIterator[None]:
        yield

    async def one_turn(asks: list[object], counts: Path, *, leaver: int) -> int:
        assert (len(asks), counts.name) == (1 + CLIENTS, "rapt.counts")
        turns.append(leaver)
        return [0, 3, 1, 0][leaver]

    monkeypatch.setattr(leaving, "running", nothing)
    monkeypatch.setattr(leaving, "_client", nothing)
    monkeypatch.setattr(leaving, "leave", one_turn)
    assert await left_behind(rapt.recipe, Setting(scale=1.0, picture=b"x")) == 3
    assert turns == [0, 1, 2, 3]


async def test_a_server_is_started_slow_and_as_it_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is set by hand is kept; the model alone is slower."""
    asked: list[Setting] = []

    def make(folder: Path, setting: Setting) -> Recipe:
        asked.append(setting)
        return rapt.recipe(folder, setting)

    @asynccontextmanager
    async def down(_: Recipe) -> AsyncIterator[None]:
        raise Unavailable("it did not get ready")
        yield

    monkeypatch.setattr(leaving, "running", down)
    setting = Setting(scale=1.0, picture=b"x", is_tuned=True)
    with pytest.raises(Unavailable, match="did not get ready"):
        await left_behind(make, setting)
    assert asked == [Setting(scale=leaving.SCALE, picture=b"x", is_tuned=True)]
