"""A real face for every test that needs one."""

from pathlib import Path

import cv2
import pytest

from inference.models.folder import ModelFolder


@pytest.fixture(scope="session")
def portrait(models: Path) -> bytes:
    """Return a JPEG of a public-domain portrait, 320 × 240, in memory."""
    picture = cv2.imread(str(ModelFolder(models).portrait("astronaut")))
    assert picture is not None
    face = picture[0:384, 0:512]
    done, jpeg = cv2.imencode(".jpg", cv2.resize(face, (320, 240)), [cv2.IMWRITE_JPEG_QUALITY, 60])
    assert done
    return jpeg.tobytes()
