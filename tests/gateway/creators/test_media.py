"""Video files: taken in bounded size, given whole and in ranges."""

from pathlib import Path

import httpx
import pytest

from tests.gateway.fakes import FakeWorker
from tests.gateway.running import Running, config_for, run_gateway

FILM = bytes(range(256)) * 4_000  # about a megabyte
MP4 = {"content-type": "video/mp4"}


async def _with_film(gateway: Running) -> str:
    path = f"/v1/contents/{await gateway.make_content()}/media"
    answer = await gateway.http.put(path, content=FILM, headers=MP4)
    assert answer.status_code == 200, answer.text
    assert answer.json()["media_url"] == path
    return path


async def test_a_film_comes_back_as_it_was(gateway: Running) -> None:
    """Whole, with its type, and without a token: a player sends none."""
    path = await _with_film(gateway)
    async with httpx.AsyncClient(base_url=gateway.url, trust_env=False) as nobody:
        answer = await nobody.get(path)
    assert answer.content == FILM
    assert answer.headers["content-type"] == "video/mp4"
    assert answer.headers["accept-ranges"] == "bytes"


@pytest.mark.parametrize(
    ("wanted", "begin", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=1000-1999", 1000, 2000),
        ("bytes=1023990-", 1_023_990, 1_024_000),
        ("bytes=-10", 1_023_990, 1_024_000),
        ("bytes=1000-99999999", 1000, 1_024_000),
    ],
)
async def test_a_range_is_given(gateway: Running, wanted: str, begin: int, end: int) -> None:
    """206 with exactly the bytes that were asked for."""
    answer = await gateway.http.get(await _with_film(gateway), headers={"range": wanted})
    assert answer.status_code == 206
    assert answer.content == FILM[begin:end]
    assert answer.headers["content-range"] == f"bytes {begin}-{end - 1}/{len(FILM)}"


async def test_a_range_outside_is_refused(gateway: Running) -> None:
    """416 as a problem."""
    answer = await gateway.http.get(await _with_film(gateway), headers={"range": "bytes=9999999-"})
    assert answer.status_code == 416


async def test_a_range_of_an_older_film_gives_the_whole_new_one(gateway: Running) -> None:
    """If-Range that does not fit any more."""
    path = await _with_film(gateway)
    headers = {"range": "bytes=0-9", "if-range": '"older"'}
    answer = await gateway.http.get(path, headers=headers)
    assert answer.status_code == 200
    assert answer.content == FILM


@pytest.mark.parametrize(
    ("body", "media_type", "status"),
    [
        pytest.param(FILM, "text/html", 415, id="a page"),
        pytest.param(FILM, "image/png", 415, id="a picture"),
        pytest.param(b"", "video/mp4", 400, id="nothing"),
    ],
)
async def test_what_is_no_film_is_refused(
    gateway: Running, body: bytes, media_type: str, status: int
) -> None:
    """And nothing is kept of it."""
    path = f"/v1/contents/{await gateway.make_content()}/media"
    answer = await gateway.http.put(path, content=body, headers={"content-type": media_type})
    assert answer.status_code == status
    assert (await gateway.http.get(path)).status_code == 404


async def test_a_film_that_is_too_large_is_refused_and_not_kept(
    worker: FakeWorker, tmp_path: Path
) -> None:
    """Whether its length is told or found out on the way."""

    async def unknown_length() -> object:
        for _ in range(20):
            yield FILM

    config = config_for(tmp_path, worker.address, max_media_bytes=2_000_000)
    async with run_gateway(config) as gateway:
        path = f"/v1/contents/{await gateway.make_content()}/media"
        told = await gateway.http.put(path, content=FILM * 3, headers=MP4)
        found = await gateway.http.put(path, content=unknown_length(), headers=MP4)  # type: ignore[arg-type] # yields bytes
        assert (told.status_code, found.status_code) == (413, 413)
        assert not [file for file in (tmp_path / "media").glob("*") if file.is_file()]
