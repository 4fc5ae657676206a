"""The folder of built models, as others see it."""

import shutil
from pathlib import Path

import pytest
from rapt.errors import Misconfigured

from inference.models.folder import ModelFolder


@pytest.fixture
def copied(models: ModelFolder, tmp_path: Path) -> ModelFolder:
    """Return a copy of the built models that may be damaged."""
    return ModelFolder(Path(shutil.copytree(models.path, tmp_path / "models")))


def test_everything_is_found(copied: ModelFolder) -> None:
    """Graphs and face in the folder, pictures elsewhere."""
    assert copied.graph("face_detector").parent == copied.path
    assert copied.graph("attention_mesh").stat().st_size > 4_000_000
    assert copied.reference_face().points.shape == (468, 3)
    assert copied.portrait("astronaut").name == "astronaut.png"
    assert copied.version.startswith("short_range+attention_mesh")


def test_no_picture_lies_among_the_models(models: ModelFolder) -> None:
    """The data folder holds no pictures, not even public ones."""
    for path in models.path.iterdir():
        assert path.suffix in {".onnx", ".npy", ".json"}
    assert models.path not in models.portrait("astronaut").parents


def test_an_empty_folder_says_what_to_run(tmp_path: Path) -> None:
    """When something is asked for, and not before."""
    folder = ModelFolder(tmp_path / "nothing")
    for ask in (
        lambda: folder.graph("face_detector"),
        folder.reference_face,
        lambda: folder.portrait("astronaut"),
    ):
        with pytest.raises(Misconfigured, match=r"run \./rapt models build"):
            ask()


def test_a_damaged_graph_is_not_handed_out(copied: ModelFolder) -> None:
    """One changed byte is enough."""
    path = copied.path / "face_detector.onnx"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(Misconfigured, match="is damaged: run"):
        copied.graph("face_detector")


def test_a_removed_graph_says_what_to_run(copied: ModelFolder) -> None:
    """Though the record still has it."""
    (copied.path / "attention_mesh.onnx").unlink()
    with pytest.raises(Misconfigured, match="attention_mesh is missing"):
        copied.graph("attention_mesh")
