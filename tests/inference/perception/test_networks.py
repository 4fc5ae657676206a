"""One session per model, fed with padded batches of known sizes."""

import numpy as np
import pytest
from rapt.errors import Misconfigured

from inference.models.folder import ModelFolder
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
