"""Fixtures of the end-to-end tests."""

from pathlib import Path

import cv2
import httpx
import pytest

from inference.models.folder import ModelFolder
from tests.e2e.held import HeldClass, end_class, start_class
from tests.services import Services


@pytest.fixture(scope="session")
def portrait(models: Path) -> bytes:
    """Return a JPEG of a public-domain portrait, 320 × 240, in memory."""
    picture = cv2.imread(str(ModelFolder(models).portrait("astronaut")))
    assert picture is not None
    face = picture[0:384, 0:512]
    done, jpeg = cv2.imencode(".jpg", cv2.resize(face, (320, 240)), [cv2.IMWRITE_JPEG_QUALITY, 60])
    assert done
    return jpeg.tobytes()


@pytest.fixture(scope="session")
def held(running: Services, tmp_path_factory: pytest.TempPathFactory) -> HeldClass:
    """Return a small class that the shared services have seen to its end."""
    json = tmp_path_factory.mktemp("class") / "report.json"
    return end_class(start_class(running, json, students=6, seconds=24), json)


@pytest.fixture
def lesson(running: Services) -> str:
    """Return the id of a new lesson."""
    service = running.running
    answer = httpx.post(
        f"{service.gateway_url}/v1/contents",
        headers={"authorization": f"Bearer {service.local_token}"},
        json={"title": "Optics", "kind": "lesson", "length_ms": 600_000},
    )
    return str(answer.raise_for_status().json()["id"])
