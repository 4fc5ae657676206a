"""Many hands for small independent pieces of work."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapt.errors import Misconfigured

from inference.models.folder import ModelFolder
from inference.perception.hands import LEAST_ITEMS, Hands
from inference.perception.pipeline import Pipeline
from inference.perception.providers import CPU_PROVIDER, CUDA_PROVIDER


@pytest.fixture(params=[1, 3])
def hands(request: pytest.FixtureRequest) -> Iterator[Hands]:
    """One thread, and several."""
    made = Hands(request.param)
    yield made
    made.close()


@given(st.lists(st.integers(), max_size=40), st.integers(1, 5))
def test_everything_is_done_once_and_in_order(items: list[int], threads: int) -> None:
    """However the work is dealt out."""
    hands = Hands(threads)
    try:
        assert hands.map(lambda item: 2 * item, items) == [2 * item for item in items]
    finally:
        hands.close()


def test_a_fault_of_one_piece_is_the_callers(hands: Hands) -> None:
    """It is raised where the work was asked for, as if it had been done there."""

    def work(item: int) -> int:
        return 1 // item

    with pytest.raises(ZeroDivisionError):
        hands.map(work, [1, 1, 1, 1, 0, 1, 1])


def test_pieces_run_beside_each_other() -> None:
    """Two that wait for each other both end."""
    hands = Hands(2)
    both = threading.Barrier(2, timeout=60)
    try:
        found = hands.map(lambda item: item % 3 == 0 and both.wait() >= 0, range(LEAST_ITEMS))
    finally:
        hands.close()
    assert found == [True, False, False, True]


@pytest.mark.parametrize(
    ("asked", "provider", "threads"),
    [
        pytest.param(0, CUDA_PROVIDER, 6, id="beside a GPU"),
        pytest.param(3, CUDA_PROVIDER, 3, id="as the settings say"),
        pytest.param(0, CPU_PROVIDER, 1, id="on the processor"),
        pytest.param(2, CPU_PROVIDER, 2, id="as the settings say there"),
    ],
)
def test_as_many_decode_as_fits_the_provider(
    folder: ModelFolder, monkeypatch: pytest.MonkeyPatch, asked: int, provider: str, threads: int
) -> None:
    """Of six cores, unless the settings say otherwise; no network is opened here."""
    opened: list[tuple[str, int]] = []

    def note(_: ModelFolder, provider: str, threads: int, hands: Hands) -> Any:
        opened.append((provider, threads))
        assert hands.threads == threads
        return None, None, ()

    monkeypatch.setattr("inference.perception.pipeline.choose_provider", lambda _: provider)
    monkeypatch.setattr("inference.perception.pipeline._open", note)
    pipeline = Pipeline.load(folder, threads=asked, cores=6)
    pipeline.close()
    assert (pipeline.provider, pipeline.threads) == (provider, threads)
    assert opened == [(provider, threads)]


def test_who_falls_back_to_the_processor_has_its_threads(
    folder: ModelFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The number is found out after the provider, not before."""
    opened: list[tuple[str, int]] = []

    def refuse(_: ModelFolder, provider: str, threads: int, __: Hands) -> Any:
        opened.append((provider, threads))
        if provider == CUDA_PROVIDER:
            raise Misconfigured("no driver")
        return None, None, ()

    monkeypatch.setattr("inference.perception.pipeline.choose_provider", lambda _: CUDA_PROVIDER)
    monkeypatch.setattr("inference.perception.pipeline._open", refuse)
    pipeline = Pipeline.load(folder, threads=0, cores=6)
    assert (pipeline.provider, pipeline.threads) == (CPU_PROVIDER, 1)
    assert opened == [(CUDA_PROVIDER, 6), (CPU_PROVIDER, 1)]
