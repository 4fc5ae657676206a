"""The web app's files: right headers, right page, nothing from outside the folder."""

import gzip
from pathlib import Path

import httpx
import pytest

from tests.gateway.running import Running

HTML = {"accept": "text/html"}


@pytest.fixture
def _dist(tmp_path: Path) -> None:
    """A built web app, beside a secret."""
    dist = tmp_path / "dist"
    (dist / "assets").mkdir(parents=True)
    (dist / "index.html").write_text("<!doctype html>app")
    script = dist / "assets" / "main-AbC123.js"
    script.write_text("let it = 1;")
    script.with_name(script.name + ".gz").write_bytes(gzip.compress(b"let it = 1;"))
    (dist / ".env").write_text("secret")
    (tmp_path / "secret.txt").write_text("secret")


@pytest.mark.usefixtures("_dist")
async def test_hashed_files_are_for_ever_and_the_page_is_not(gateway: Running) -> None:
    """Caches keep the one and ask for the other."""
    script = await gateway.http.get("/assets/main-AbC123.js")
    assert "immutable" in script.headers["cache-control"]
    assert script.headers["content-type"].startswith("text/javascript")
    page = await gateway.http.get("/", headers=HTML)
    assert page.headers["cache-control"] == "no-cache"
    again = await gateway.http.get("/", headers=HTML | {"if-none-match": page.headers["etag"]})
    assert again.status_code == 304


@pytest.mark.usefixtures("_dist")
async def test_a_compressed_file_is_given_to_who_takes_it(gateway: Running) -> None:
    """With Vary, so that no cache mixes them up."""
    packed = await gateway.http.get("/assets/main-AbC123.js", headers={"accept-encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    plain = await gateway.http.get(
        "/assets/main-AbC123.js", headers={"accept-encoding": "identity"}
    )
    assert "content-encoding" not in plain.headers
    assert packed.content == plain.content == b"let it = 1;"
    assert packed.headers["vary"] == plain.headers["vary"] == "Accept-Encoding"
    assert packed.headers["etag"] != plain.headers["etag"]


@pytest.mark.usefixtures("_dist")
@pytest.mark.parametrize("path", ["/", "/wall/123", "/videos/9", "/lessons/4/student"])
async def test_the_apps_own_pages_are_its_page(gateway: Running, path: str) -> None:
    """With a policy that lets nothing in from elsewhere."""
    page = await gateway.http.get(path, headers=HTML)
    assert page.status_code == 200
    assert page.text.endswith("app")
    assert "default-src 'self'" in page.headers["content-security-policy"]
    assert page.headers["x-content-type-options"] == "nosniff"
    assert "camera=(self)" in page.headers["permissions-policy"]


@pytest.mark.usefixtures("_dist")
@pytest.mark.parametrize("path", ["/v1/nothing", "/missing.js", "/assets/none-1.css", "/schema/x"])
async def test_what_is_not_there_is_not_found(gateway: Running, path: str) -> None:
    """Even for a browser: an address of ours or of a file is no page."""
    assert (await gateway.http.get(path, headers=HTML)).status_code == 404


@pytest.mark.usefixtures("_dist")
@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/assets/../../secret.txt",
        "/..%2fsecret.txt",
        "/%2e%2e/secret.txt",
        "/.env",
        "//secret.txt",
        "/assets/%00",
        "/" + "a" * 300 + ".js",
        "/" + "a/" * 2_000 + "b.js",
        "/%252e%252e/secret.txt",
        "/..%5csecret.txt",
    ],
)
async def test_nothing_outside_is_given(gateway: Running, path: str) -> None:
    """However the way out is written."""
    url = httpx.URL(gateway.url).copy_with(raw_path=path.encode())
    answer = await gateway.http.get(url)
    assert answer.status_code in {400, 404}
    assert "secret" not in answer.text.replace("secret.txt", "")


async def test_without_a_build_the_page_says_how_to_make_one(gateway: Running) -> None:
    """503, and everything else works."""
    page = await gateway.http.get("/", headers=HTML)
    assert page.status_code == 503
    assert "npm" in page.text
    assert (await gateway.http.get("/readyz")).status_code == 200
