"""How a network is opened and fed on CUDA, with a CPU in the place of the device."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnxruntime.capi import (  # type: ignore[import-untyped]  # ships no types
    onnxruntime_pybind11_state as state,
)
from rapt.errors import Misconfigured

from inference.models.folder import ModelFolder
from inference.perception import detect, networks, providers
from inference.perception.bound import BoundRuns
from inference.perception.networks import CPU_PROVIDER, CUDA_PROVIDER, Network
from inference.perception.pipeline import variant_for


class Cards:
    """A device that can, or cannot, capture graphs; it counts the sessions that it opened."""

    def __init__(self, *, captures: bool) -> None:
        self.captures = captures
        self.opened: list[bool] = []

    def open(self, path: Path, provider: str, threads: int, *, is_captured: bool = False) -> Any:
        """Open on the CPU, or refuse like ONNX Runtime does when a node stays on the CPU."""
        assert provider == CUDA_PROVIDER
        self.opened.append(is_captured)
        if is_captured and not self.captures:
            raise state.Fail("all compute graph nodes have not been partitioned to the CUDA EP")
        return providers.open_session(path, CPU_PROVIDER, threads)


def put_in(cards: Cards, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let networks believe in the cards."""

    class OnHost(BoundRuns):
        def __init__(self, session: Any, buckets: Any, *, device: str, is_captured: bool) -> None:
            assert device == "cuda"
            super().__init__(session, buckets, device="cpu", is_captured=is_captured)

    monkeypatch.setattr(networks, "open_session", cards.open)
    monkeypatch.setattr(networks, "BoundRuns", OnHost)
    monkeypatch.setattr(networks, "buckets_of", lambda _: (1, 4))


@pytest.mark.parametrize("captures", [True, False])
def test_graphs_are_captured_where_they_can_be(
    folder: ModelFolder,
    monkeypatch: pytest.MonkeyPatch,
    captures: bool,  # noqa: FBT001 - a column of the table
) -> None:
    """Where a node has to stay on the CPU the network runs without; either way it answers."""
    cards = Cards(captures=captures)
    put_in(cards, monkeypatch)
    graph = folder.graph("face_detector")
    network = Network(graph, detect.CONTRACT, provider=CUDA_PROVIDER, threads=1)
    assert cards.opened == ([True] if captures else [True, False])
    assert network.is_captured == captures
    pixels = np.random.default_rng(3).integers(0, 256, (6, 128, 128, 4), np.uint8)
    network.warm()
    ours = network.run(pixels)
    monkeypatch.undo()
    plain = Network(graph, detect.CONTRACT, provider=CPU_PROVIDER, threads=1).run(pixels)
    for name, values in plain.items():
        assert ours[name] == pytest.approx(values, abs=2e-3)


def test_padding_runs_in_the_bucket_above(
    folder: ModelFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a GPU padding is cheap and launches are dear: two pictures take the bucket of four."""
    put_in(Cards(captures=True), monkeypatch)
    graph = folder.graph("face_detector")
    network = Network(graph, detect.CONTRACT, provider=CUDA_PROVIDER, threads=1)
    network.run(np.zeros((2, 128, 128, 4), np.uint8))
    assert [(run.bucket, run.items) for run in network.take_runs()] == [(4, 2)]


def test_another_fault_of_the_card_stops_the_start(
    folder: ModelFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot be done without graphs either is no reason to go on."""

    def broken(*_: object, **__: object) -> Any:
        raise Misconfigured("no driver")

    monkeypatch.setattr(networks, "open_session", broken)
    with pytest.raises(Misconfigured, match="no driver"):
        Network(folder.graph("face_detector"), detect.CONTRACT, provider=CUDA_PROVIDER, threads=1)


def test_graphs_for_cuda_are_taken_where_they_were_built(
    folder: ModelFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And only there: a CPU never gets them, and without them the others have to do."""
    monkeypatch.setattr(ModelFolder, "has", lambda *_, **__: False)
    assert variant_for(folder, "attention_mesh", CUDA_PROVIDER) == "cpu"
    monkeypatch.setattr(ModelFolder, "has", lambda *_, **__: True)
    assert variant_for(folder, "attention_mesh", CUDA_PROVIDER) == "gpu"
    assert variant_for(folder, "attention_mesh", CPU_PROVIDER) == "cpu"
