"""Real models and the portraits, drawn once."""

from pathlib import Path

import pytest

from demo.puppet.landmarks import load_portraits
from demo.puppet.portrait import Portrait
from demo.puppet.poses import Drawn, draw_poses
from inference.models.folder import ModelFolder
from inference.perception.pipeline import Pipeline

MODELS = Path(__file__).parents[3] / ".rapt" / "models"


@pytest.fixture(scope="session")
def folder() -> ModelFolder:
    """The built models."""
    return ModelFolder(MODELS)


@pytest.fixture(scope="session")
def pipeline(folder: ModelFolder) -> Pipeline:
    """What looks at the puppets."""
    return Pipeline.load(folder, provider="cpu", threads=1)


@pytest.fixture(scope="session")
def portraits(folder: ModelFolder) -> list[Portrait]:
    """Both sitters."""
    return load_portraits(folder)


@pytest.fixture(scope="session")
def drawn(portraits: list[Portrait]) -> list[Drawn]:
    """Every pose of both."""
    return [draw_poses(portrait) for portrait in portraits]
