"""The clients of NVIDIA and KServe, unchanged, before our own services."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inference.models.folder import ModelFolder
from inference.perception.networks import CPU_PROVIDER, open_session
from tests.conformance.conftest import Target

FRAMES = [str(number) for number in range(5)]


@pytest.fixture(scope="session")
def pixels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file with what the network that finds faces takes."""
    path = tmp_path_factory.mktemp("pixels") / "pixels.npy"
    np.save(path, np.random.default_rng(7).random((1, 128, 128, 3), np.float32))
    return path


@pytest.fixture
def by_grpc(seen_by: Callable[..., Any], worker: Target, pixels: Path) -> Any:
    """Return what Triton's gRPC client sees of a worker."""
    seen = worker.address, worker.token, str(worker.picture), str(pixels)
    return seen_by("tritonclient", "triton_grpc.py", *seen)


@pytest.fixture
def by_http(seen_by: Callable[..., Any], gateway: Target) -> Any:
    """Return what Triton's HTTP client sees of a gateway."""
    return seen_by(
        "tritonclient", "triton_http.py", gateway.address, gateway.token, str(gateway.picture)
    )


def test_triton_s_grpc_client_finds_and_asks_the_models(
    by_grpc: Any, pixels: Path, models: Path
) -> None:
    """One by one, in a sequence, at once, on a stream, and a bare network; errors are errors."""
    sync, stream, together = by_grpc["sync"], by_grpc["stream"], by_grpc["aio"]
    assert (sync["live"], sync["ready"], sync["model_ready"]) == (True, True, True)
    assert sync["server"]["name"] == "rapt"
    names = {model["name"] for model in sync["index"]["models"]}
    assert {"face", "face_detector", "attention_mesh"} <= names
    described = {tensor["name"]: tensor["shape"] for tensor in sync["model"]["outputs"]}
    assert set(sync["alone"]["shapes"]) == set(described)
    assert sync["config"]["config"]["max_batch_size"] >= 1
    assert "sequence_batching" in sync["config"]["config"]
    assert (sync["alone"]["id"], sync["alone"]["faces"], sync["alone"]["is_final"]) == (
        "7",
        1,
        True,
    )
    assert list(sync["wanted"]["shapes"]) == ["faces", "state"]
    assert [one["faces"] for one in sync["sequence"]] == [1] * 5
    (unknown, _), (stranger, _) = sync["errors"]
    assert (unknown, stranger) == ("StatusCode.NOT_FOUND", "StatusCode.UNAUTHENTICATED")
    counted = sync["statistics"]["model_stats"][0]
    assert int(counted["inference_count"]) >= 7
    assert int(counted["version"]) == 1
    assert stream["ids"] == FRAMES
    assert len(stream["errors"]) == 1
    assert "nobody" in stream["errors"][0]
    assert (together["faces"], together["ids"]) == ([1] * 8, FRAMES)
    session = open_session(ModelFolder(models).graph("face_detector"), CPU_PROVIDER, 1)
    outputs = [output.name for output in session.get_outputs()]
    ours = zip(outputs, session.run(None, {"input": np.load(pixels)}), strict=True)
    assert list(sync["network"]) == outputs
    for name, expected in ours:
        np.testing.assert_allclose(sync["network"][name], expected, atol=1e-3)


def test_triton_s_http_client_finds_and_asks_the_models(by_http: Any) -> None:
    """In JSON and in bytes, alone and in a sequence."""
    assert (by_http["live"], by_http["ready"], by_http["model_ready"]) == (True, True, True)
    assert by_http["server"]["name"] == "rapt"
    assert by_http["model"]["inputs"][0]["name"] == "frame"
    assert by_http["config"]["max_batch_size"] >= 1
    assert by_http["binary"]["id"] == "7"
    assert (by_http["gzip"], by_http["deflate"]) == (1, 1)
    assert by_http["binary"]["faces"] == by_http["json"]["faces"] == 1
    assert by_http["binary"]["box"] == pytest.approx(by_http["json"]["box"], abs=1e-6)
    assert [one["faces"] for one in by_http["sequence"]] == [1, 1, 1]
    assert by_http["statistics"]["model_stats"][0]["inference_count"] >= 5
    assert "face" in {model["name"] for model in by_http["index"]}
    assert [status for status, _ in by_http["errors"]] == ["404", "401"]


def test_kserve_s_client_asks_a_model(seen_by: Callable[..., Any], worker: Target) -> None:
    """Health, and a verdict with every output."""
    seen = seen_by("kserve", "kserve_grpc.py", worker.address, worker.token, str(worker.picture))
    assert (seen["live"], seen["ready"], seen["model_ready"]) == (True, True, True)
    assert (seen["id"], seen["faces"]) == ("7", 1)
    assert seen["shapes"]["face_box"] == [1, 4]
