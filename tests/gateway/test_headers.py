"""Headers that every answer has."""

import pytest

from tests.gateway.running import Running

PAGE = {"accept": "text/html"}


@pytest.mark.parametrize(
    "path",
    [
        "/v1/contents",
        "/v1/contents/5",
        "/v1/contents/5/media",
        "/v1/nothing",
        "/schema/openapi.json",
        "/healthz",
        "/metrics",
        "/%2e%2e/%2e%2e/etc/passwd",
    ],
)
async def test_no_answer_is_guessed_framed_or_kept(gateway: Running, path: str) -> None:
    """Good ones and errors alike."""
    answer = await gateway.http.get(path)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


async def test_a_page_keeps_its_own_policy(gateway: Running) -> None:
    """The page of the app may run its own scripts and nobody else's."""
    answer = await gateway.http.get("/", headers=PAGE)
    policy = answer.headers.get_list("content-security-policy")
    assert len(policy) == 1
    assert policy[0].startswith("default-src 'self';")
    assert "unsafe" not in policy[0]


@pytest.mark.parametrize(
    "path", ["/schema", "/schema/swagger", "/schema/redoc", "/schema/elements"]
)
async def test_the_schema_brings_no_scripts_of_strangers(gateway: Running, path: str) -> None:
    """A page on our own origin could read the access token; there is only JSON."""
    answer = await gateway.http.get(f"/schema{path}", headers=PAGE)
    assert "<script" not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
