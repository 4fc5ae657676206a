"""Video files: taken in bounded size, given whole and in ranges."""

import asyncio
import os
import time
from pathlib import Path

import httpx
import pytest

from gateway.creators.media import ABANDONED_S, Media
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


async def _until_parts(folder: Path, count: int) -> None:
    async with asyncio.timeout(60):
        while len(await asyncio.to_thread(lambda: list(folder.glob("*.part")))) != count:  # noqa: ASYNC110 - a folder has no event
            await asyncio.sleep(0.01)


async def test_a_film_comes_back_as_it_was(gateway: Running) -> None:
    """Whole, with its type, and without a token: a player sends none."""
    path = await _with_film(gateway)
    async with httpx.AsyncClient(base_url=gateway.url, trust_env=False) as nobody:
        answer = await nobody.get(path)
    assert answer.content == FILM
    assert answer.headers["content-type"] == "video/mp4"
    assert answer.headers["accept-ranges"] == "bytes"


async def test_a_page_in_the_place_of_a_film_stays_a_film(gateway: Running) -> None:
    """A browser neither guesses another type nor runs anything of it."""
    path = f"/v1/contents/{await gateway.make_content()}/media"
    page = b"<!doctype html><script>alert(1)</script>"
    assert (await gateway.http.put(path, content=page, headers=MP4)).status_code == 200
    answer = await gateway.http.get(path)
    assert answer.headers["content-type"] == "video/mp4"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["content-security-policy"]


async def test_an_empty_film_leaves_the_one_before(gateway: Running, tmp_path: Path) -> None:
    """400, and no file of it."""
    path = await _with_film(gateway)
    assert (await gateway.http.put(path, content=b"", headers=MP4)).status_code == 400
    assert (await gateway.http.get(path)).content == FILM
    assert len(list((tmp_path / "media").iterdir())) == 1


async def test_a_film_that_breaks_off_leaves_the_one_before(
    gateway: Running, tmp_path: Path
) -> None:
    """The connection is cut in the middle of the body."""
    path = await _with_film(gateway)
    _, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    token = gateway.http.headers["authorization"]
    writer.write(
        f"PUT {path} HTTP/1.1\r\nHost: x\r\nAuthorization: {token}\r\n"
        "Content-Type: video/webm\r\nContent-Length: 1000000\r\n\r\n".encode()
    )
    writer.write(b"x" * 400_000)
    await writer.drain()
    await _until_parts(tmp_path / "media", 1)
    writer.close()
    await _until_parts(tmp_path / "media", 0)
    answer = await gateway.http.get(path)
    assert (answer.content, answer.headers["content-type"]) == (FILM, "video/mp4")
    assert len(list((tmp_path / "media").iterdir())) == 1


async def test_films_that_come_at_once_do_not_mix(gateway: Running, tmp_path: Path) -> None:
    """Each is taken, one of them stays, and it is whole."""
    path = await _with_film(gateway)
    films = [bytes([n]) * 700_000 for n in range(5)]
    types = ["video/mp4", "video/webm", "video/mp4", "video/ogg", "video/webm"]
    given = [
        gateway.http.put(path, content=film, headers={"content-type": media_type})
        for film, media_type in zip(films, types, strict=True)
    ]
    assert [answer.status_code for answer in await asyncio.gather(*given)] == [200] * 5
    answer = await gateway.http.get(path)
    assert answer.content in films
    assert answer.headers["content-type"] == types[films.index(answer.content)]
    assert len(list((tmp_path / "media").iterdir())) == 1


def test_what_a_killed_gateway_left_is_removed(tmp_path: Path) -> None:
    """Not what another gateway is writing now."""
    old, new = tmp_path / "1.mp4.part", tmp_path / "2.mp4.part"
    for part in (old, new):
        part.touch()
    yesterday_s = time.time() - 2 * ABANDONED_S
    os.utime(old, (yesterday_s, yesterday_s))
    Media(tmp_path, tenant_id=1, max_bytes=1).tidy()
    assert (old.exists(), new.exists()) == (False, True)


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
