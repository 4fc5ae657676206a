"""Fixtures of the end-to-end tests."""

import httpx
import pytest

from tests.e2e.held import HeldClass, end_class, start_class
from tests.services import Services


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
        timeout=30,
    )
    return str(answer.raise_for_status().json()["id"])
