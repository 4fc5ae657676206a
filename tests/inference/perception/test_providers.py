"""How sessions are opened on each provider, and how many threads go with it."""

from pathlib import Path
from typing import Any

import pytest
from rapt.errors import Misconfigured

from inference.perception.providers import (
    CPU_PROVIDER,
    CUDA_OPTIONS,
    CUDA_PROVIDER,
    MAX_THREADS,
    open_session,
    threads_for,
)

GRAPH = Path("toy.onnx")


class Remembering:
    """A session that runs wherever it was asked to, and remembers how it was asked."""

    here: tuple[str, ...] = (CUDA_PROVIDER, CPU_PROVIDER)

    def __init__(self, path: str, options: Any, providers: list[Any]) -> None:
        assert path == str(GRAPH)
        self.options, self.providers = options, providers

    def get_providers(self) -> list[str]:
        """Return those that it was asked for and that are here."""
        named = [one if isinstance(one, str) else one[0] for one in self.providers]
        return [name for name in named if name in self.here]


@pytest.fixture(autouse=True)
def _remembering(monkeypatch: pytest.MonkeyPatch) -> None:
    """Open no graph."""
    monkeypatch.setattr("onnxruntime.InferenceSession", Remembering)


@pytest.mark.parametrize("is_captured", [True, False])
def test_cuda_is_asked_for_with_its_options(*, is_captured: bool) -> None:
    """Kernels are chosen by rule, not by seconds of trying; graphs only where they are wanted."""
    before = dict(CUDA_OPTIONS)
    session = open_session(GRAPH, CUDA_PROVIDER, 8, is_captured=is_captured)
    (name, options), last = session.providers
    assert (name, last) == (CUDA_PROVIDER, CPU_PROVIDER)
    assert options["cudnn_conv_algo_search"] == "HEURISTIC"
    assert options["use_tf32"] == "0"
    assert options.get("enable_cuda_graph") == ("1" if is_captured else None)
    assert before == CUDA_OPTIONS  # the next session has its own


def test_a_processor_gets_the_threads_and_none_of_that() -> None:
    """Beside a GPU a session needs none: what is left to the processor is small."""
    session = open_session(GRAPH, CPU_PROVIDER, 8)
    assert session.providers == [CPU_PROVIDER]
    assert session.options.intra_op_num_threads == 8
    assert open_session(GRAPH, CUDA_PROVIDER, 8).options.intra_op_num_threads == 1


def test_cuda_that_is_not_there_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """A session falls back without a word; we do not."""
    monkeypatch.setattr(Remembering, "here", (CPU_PROVIDER,))
    with pytest.raises(Misconfigured, match=r"toy\.onnx does not run on CUDA"):
        open_session(GRAPH, CUDA_PROVIDER, 1)


@pytest.mark.parametrize(
    ("provider", "cores", "threads"),
    [
        pytest.param(CUDA_PROVIDER, 16, 16, id="a GPU alone with its machine"),
        pytest.param(CUDA_PROVIDER, 5.3, 5, id="a share of one"),
        pytest.param(CUDA_PROVIDER, 0.5, 1, id="less than a core"),
        pytest.param(CUDA_PROVIDER, 256, MAX_THREADS, id="more than frames in a batch"),
        pytest.param(CPU_PROVIDER, 16, 1, id="the processor itself"),
    ],
)
def test_threads_follow_from_provider_and_cores(provider: str, cores: float, threads: int) -> None:
    """All cores decode beside a GPU; the others are for more workers."""
    assert threads_for(provider, cores) == threads
