"""The models that `./rapt models build` made in this checkout, and the tflite files behind them."""

from pathlib import Path

import pytest
from rapt.errors import Misconfigured

from inference.models.folder import ModelFolder

BUILT = Path(__file__).resolve().parents[3] / ".rapt" / "models"


@pytest.fixture(scope="session")
def models() -> ModelFolder:
    """Return the built models; tests never build or download them."""
    folder = ModelFolder(BUILT)
    try:
        for name in ("face_detector", "attention_mesh", "room_detector_full_range"):
            folder.graph(name)
        folder.source("face_landmark")
        folder.source("face_detection_full_range_sparse")
    except Misconfigured as error:
        pytest.fail(f"these tests need the models: {error}", pytrace=False)
    return folder
