"""One session per model, fed with padded batches of known sizes."""

from pathlib import Path

import numpy as np
import pytest
from rapt.errors import Misconfigured

from inference.models.convert.converter import convert
from inference.models.folder import ModelFolder
from inference.models.manifest import Picture as PictureContract
from inference.perception import detect
from inference.perception.networks import (
    CPU_PROVIDER,
    Network,
    choose_provider,
)


@pytest.fixture(scope="module")
def network(folder: ModelFolder) -> Network:
    """The detector's graph on CPU."""
    graph = folder.graph("face_detector")
    return Network(graph, detect.CONTRACT, provider=CPU_PROVIDER, threads=1)


@pytest.mark.parametrize("count", [1, 3, 5, 8, 11])
def test_batch_equals_single(network: Network, count: int) -> None:
    """A row's answer does not depend on its company, its place or the padding."""
    rng = np.random.default_rng(count)
    pixels = rng.integers(0, 256, (count, 128, 128, 3), np.uint8)
    together = network.run(pixels)
    for row in range(count):
        alone = network.run(pixels[row : row + 1])
        for name, values in together.items():
            assert values.shape[0] == count
            assert values[row] == pytest.approx(alone[name][0], abs=2e-4)


def test_cuda_is_never_silently_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked for and not there is an error; not asked for is CPU."""
    monkeypatch.setattr("onnxruntime.get_available_providers", lambda: [CPU_PROVIDER])
    with pytest.raises(Misconfigured, match="CUDA"):
        choose_provider("cuda")
    assert choose_provider("auto") == CPU_PROVIDER
    assert choose_provider("cpu") == CPU_PROVIDER


def test_session_that_fell_back_is_an_error(folder: ModelFolder) -> None:
    """A session that does not run where it was put stops the start, and names the graph."""
    graph = folder.graph("face_detector")
    with pytest.raises(Misconfigured, match="face_detector"):
        Network(graph, detect.CONTRACT, provider="BrokenProvider", threads=1)


@pytest.mark.parametrize("count", [1, 3, 8])
def test_a_graph_that_takes_bytes_sees_the_same_picture(
    folder: ModelFolder, tmp_path: Path, count: int
) -> None:
    """It scales them itself; the answers are those of the graph that is fed with numbers."""
    contract = detect.CONTRACT
    source = folder.source("face_detection_short_range").read_bytes()
    picture = PictureContract(scale=contract.scale, offset=contract.offset)
    graph = tmp_path / "bytes.onnx"
    graph.write_bytes(convert(source, variant="cpu", picture=picture))
    takes_bytes = Network(graph, contract, provider=CPU_PROVIDER, threads=1)
    takes_numbers = Network(
        folder.graph("face_detector"), contract, provider=CPU_PROVIDER, threads=1
    )
    pixels = np.random.default_rng(1).integers(0, 256, (count, 128, 128, 3), np.uint8)
    ours, others = takes_bytes.run(pixels), takes_numbers.run(pixels)
    for name, values in others.items():
        assert ours[name] == pytest.approx(values, abs=2e-3)


def test_a_network_says_what_it_ran(folder: ModelFolder) -> None:
    """Runs are reported once, each with its bucket; the warm-up is nobody's."""
    graph = folder.graph("face_detector")
    network = Network(graph, detect.CONTRACT, provider=CPU_PROVIDER, threads=1, stage="finder")
    network.warm()
    network.run(np.zeros((11, 128, 128, 3), np.uint8))
    runs = network.take_runs()
    assert [(run.stage, run.bucket, run.items) for run in runs] == [
        ("finder", 8, 8),
        ("finder", 4, 3),
    ]
    assert all(run.run_s > 0 for run in runs)
    assert network.take_runs() == []
