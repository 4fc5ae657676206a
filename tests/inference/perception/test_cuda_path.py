"""How a network is opened and fed on CUDA, with a CPU in the place of the device."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnxruntime.capi import (  # type: ignore[import-untyped]  # ships no types
    onnxruntime_pybind11_state as state,
)
from rapt.errors import Misconfigured

from inference.models.build import build
from inference.models.folder import GraphName, ModelFolder
from inference.models.manifest import read_manifest
from inference.models.places import Places
from inference.perception import bound, detect, networks, providers, rows
from inference.perception.blendshapes import Blendshapes
from inference.perception.bound import BoundRuns
from inference.perception.decode import U8, Picture
from inference.perception.networks import CPU_PROVIDER, CUDA_PROVIDER, Network
from inference.perception.pipeline import variant_for
from inference.perception.room import open_room_finder
from inference.perception.rows import Opener, RowNetwork
from tests.inference.models.toys import Silent


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

    monkeypatch.setattr(bound, "open_session", cards.open)
    monkeypatch.setattr(bound, "BoundRuns", OnHost)
    for module in (networks, rows):
        monkeypatch.setattr(module, "buckets_of", lambda _: (1, 4))


@pytest.fixture(scope="module")
def both(full_models: ModelFolder, tmp_path_factory: pytest.TempPathFactory) -> ModelFolder:
    """Every network, in both variants where there are two."""
    cache = full_models.source("face_landmark").parents[1]
    places = Places(models=tmp_path_factory.mktemp("both") / "models", cache=cache)
    build(read_manifest(), places, Silent(), asked=("gaze", "expression", "room", "gpu"))
    return ModelFolder(places.models)


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
    pixels = np.random.default_rng(3).integers(0, 256, (6, 128, 128, 3), np.uint8)
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
    network.run(np.zeros((2, 128, 128, 3), np.uint8))
    assert [(run.bucket, run.items) for run in network.take_runs()] == [(4, 2)]


def test_another_fault_of_the_card_stops_the_start(
    folder: ModelFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot be done without graphs either is no reason to go on."""

    def broken(*_: object, **__: object) -> Any:
        raise Misconfigured("no driver")

    monkeypatch.setattr(bound, "open_session", broken)
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


ROW_NETWORKS: tuple[GraphName, ...] = ("gaze", "open_eyes", "face_landmarks_v2", "blendshapes")


@pytest.mark.parametrize("captures", [True, False])
@pytest.mark.parametrize("name", ROW_NETWORKS)
def test_networks_of_rows_are_bound_with_all_their_inputs(
    both: ModelFolder,
    monkeypatch: pytest.MonkeyPatch,
    name: GraphName,
    captures: bool,  # noqa: FBT001 - a column of the table
) -> None:
    """Each input has its buffer in each bucket, and no row of the run before shows in the next."""
    cards = Cards(captures=captures)
    put_in(cards, monkeypatch)
    network = Opener(both, CUDA_PROVIDER).open(name)
    assert network is not None
    is_late = name in rows.OPENED_LATE  # opened beside running batches: never captured
    assert cards.opened == ([False] if is_late else [True] if captures else [True, False])
    assert network.is_captured == (captures and not is_late)
    monkeypatch.undo()
    plain = RowNetwork(
        Opener(both, CUDA_PROVIDER).path(name), name, provider=CPU_PROVIDER, threads=1
    )
    rng = np.random.default_rng(5)
    for count in (6, 3):
        feeds = network.blank(count)
        for values in feeds.values():
            values[...] = rng.integers(0, 256, values.shape)
        for ours, theirs in zip(network.run(feeds), plain.run(feeds), strict=True):
            assert ours == pytest.approx(theirs, abs=2e-3, rel=1e-4)
    assert [(run.bucket, run.items) for run in network.take_runs()] == [(4, 4), (4, 2), (4, 3)]


def test_an_input_that_was_forgotten_is_an_error(
    both: ModelFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And is not filled with what the run before had there."""
    put_in(Cards(captures=True), monkeypatch)
    network = Opener(both, CUDA_PROVIDER).open("gaze")
    assert network is not None
    feeds = network.blank(2)
    del feeds["head_pose_angles"]
    with pytest.raises(KeyError, match="head_pose_angles"):
        network.run(feeds)


def test_pictures_of_any_height_are_not_bound(
    both: ModelFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Buffers have one shape: such a network runs as it is, and in a session without graphs."""
    cards = Cards(captures=True)
    put_in(cards, monkeypatch)
    finder = Opener(both, CUDA_PROVIDER).open("room_detector", shape=(3, 192, 320))
    assert finder is not None
    assert cards.opened == [True, False]
    assert not finder.is_captured
    for height in (192, 256):
        [first, *_] = finder.run({"input": np.zeros((2, 3, height, 320), np.float32)})
        assert first.shape == (2, height // 8 * 40, 1)


def test_the_graphs_for_cuda_are_opened_there(
    both: ModelFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of movements and of rooms, too; where there is one variant alone it has to do."""
    opener = Opener(both, CUDA_PROVIDER)
    assert opener.path("face_landmarks_v2").name == "face_landmarks_v2.gpu.onnx"
    assert opener.path("blendshapes").name == "blendshapes.onnx"
    assert Opener(both, CPU_PROVIDER).path("gaze").name == "gaze.onnx"
    opened: list[Path] = []
    cards = Cards(captures=True)

    def remembered(path: Path, *rest: Any, **more: Any) -> Any:
        opened.append(path)
        return cards.open(path, *rest, **more)

    put_in(cards, monkeypatch)
    monkeypatch.setattr(bound, "open_session", remembered)
    monkeypatch.setattr(ModelFolder, "has", lambda _, name, **__: name != "room_detector")
    assert open_room_finder(opener) is not None
    assert [path.name for path in opened] == ["room_detector_full_range.gpu.onnx"]


def test_bytes_give_the_movements_that_floats_give(
    both: ModelFolder, portraits: dict[str, U8], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The graph for CUDA makes its numbers of the same crops."""
    pixels = [Picture.of(rgb).pixels for rgb in portraits.values()]
    landmarks = np.random.default_rng(2).uniform(60, 200, (2, 478, 3)).astype(np.float32)
    plain = Blendshapes.load(Opener(both, CPU_PROVIDER))
    put_in(Cards(captures=True), monkeypatch)
    ours = Blendshapes.load(Opener(both, CUDA_PROVIDER))
    assert plain is not None
    assert ours is not None
    expected = plain.activations(pixels, landmarks)
    assert ours.activations(pixels, landmarks) == pytest.approx(expected, abs=2e-3)
