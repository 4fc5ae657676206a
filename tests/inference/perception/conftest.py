"""Real models, two public-domain portraits, and a puppet made of each."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from inference.models.folder import ModelFolder, PictureName
from inference.perception.decode import Picture
from inference.perception.pipeline import Look, Pipeline, Seen
from tests.inference.perception.puppet import U8, Puppet, to_jpeg

PORTRAITS: tuple[PictureName, ...] = ("astronaut", "grace_hopper")
MODELS = Path(__file__).parents[3] / ".rapt" / "models"


@pytest.fixture(scope="session")
def folder() -> ModelFolder:
    """The built models."""
    return ModelFolder(MODELS)


@pytest.fixture(scope="session")
def pipeline(folder: ModelFolder) -> Pipeline:
    """One pipeline for all tests of the session."""
    return Pipeline.load(folder, provider="cpu", threads=1)


@pytest.fixture(scope="session")
def full_pipeline(full_models: ModelFolder) -> Pipeline:
    """One pipeline with every optional network."""
    opened = Pipeline.load(full_models, provider="cpu", threads=1)
    opened._measurer.open_expressions()
    return opened


@pytest.fixture(scope="session")
def portraits(folder: ModelFolder) -> dict[str, U8]:
    """The two faces, RGB."""
    return {
        name: np.asarray(cv2.imread(str(folder.portrait(name)), cv2.IMREAD_COLOR_RGB), np.uint8)
        for name in ("astronaut", "grace_hopper")
    }


@pytest.fixture(scope="session")
def look(pipeline: Pipeline) -> Callable[[U8], Seen]:
    """Look at one picture that nobody has seen before."""

    def look_at(rgb: U8) -> Seen:
        [answer] = pipeline.observe([Look(to_jpeg(rgb))])
        assert isinstance(answer, Seen)
        return answer

    return look_at


@pytest.fixture(scope="session")
def puppets(pipeline: Pipeline, portraits: dict[str, U8]) -> dict[str, Puppet]:
    """A puppet of each portrait."""
    made = {}
    for name, rgb in portraits.items():
        [face] = pipeline._follower.follow([Picture.of(rgb)], [Look(b"")])
        assert face is not None
        made[name] = Puppet(rgb, face.mesh.landmarks)
    return made
