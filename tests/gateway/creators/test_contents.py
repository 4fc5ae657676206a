"""Contents over HTTP: made, listed, told, and every mistake answered."""

from typing import Any

import pytest

from tests.gateway.running import Running


async def test_a_content_is_made_and_told(gateway: Running) -> None:
    """Ids are decimal strings; the list has the newest first."""
    first = await gateway.make_content(title="One")
    second = await gateway.make_content(title="Two", kind="lesson", length_ms=0)
    listed = (await gateway.http.get("/v1/contents")).json()
    assert [content["id"] for content in listed] == [second, first]
    told = (await gateway.http.get(f"/v1/contents/{first}")).json()
    assert (told["title"], told["kind"], told["length_ms"]) == ("One", "video", 60_000)
    assert told["id"].isdigit()


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"title": ""}, id="no title"),
        pytest.param({"title": "x" * 201}, id="long title"),
        pytest.param({"kind": "film"}, id="unknown kind"),
        pytest.param({"length_ms": -1}, id="negative length"),
        pytest.param({"length_ms": 0}, id="video without length"),
        pytest.param({"length_ms": 1e12}, id="length in another unit"),
        pytest.param({"media_url": "javascript:alert(1)"}, id="no web address"),
        pytest.param({"colour": "red"}, id="unknown field"),
    ],
)
async def test_a_wrong_content_is_a_problem(gateway: Running, changes: dict[str, Any]) -> None:
    """400 as application/problem+json."""
    body = {"title": "Light", "kind": "video", "length_ms": 60_000} | changes
    answer = await gateway.http.post("/v1/contents", json=body)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == 400


@pytest.mark.parametrize("content_id", ["1", "nonsense", "-4", "9" * 40, "%00", "٣"])
async def test_an_unknown_content_is_not_found(gateway: Running, content_id: str) -> None:
    """Whatever stands in the address."""
    answer = await gateway.http.get(f"/v1/contents/{content_id}")
    assert answer.status_code == 404
    assert answer.json()["title"] == "Not found"


@pytest.mark.parametrize(
    "authorization", ["", "Bearer", "Bearer wrong", "Basic abc", "Bearer a.b.c"]
)
async def test_who_is_not_known_is_told_how_to_be(gateway: Running, authorization: str) -> None:
    """401 says where the token is."""
    headers = {"authorization": authorization}
    answer = await gateway.http.get("/v1/contents", headers=headers)
    assert answer.status_code == 401
    assert answer.json()["detail"]


async def test_a_ticket_sees_its_own_content_only(gateway: Running) -> None:
    """Not the list, not another content."""
    own, other = [await gateway.make_content() for _ in range(2)]
    session = await gateway.open_session(own)
    headers = {"authorization": f"Bearer {session['ticket']}"}
    paths = {f"/v1/contents/{own}": 200, f"/v1/contents/{other}": 403, "/v1/contents": 403}
    for path, status in paths.items():
        assert (await gateway.http.get(path, headers=headers)).status_code == status


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"[" * 60_000, id="deep list"),
        pytest.param(b'{"title":' * 6_000 + b"1" + b"}" * 6_000, id="deep object"),
        pytest.param(b'{"title":"\xff\xfe","kind":"lesson"}', id="no UTF-8"),
        pytest.param(b'{"title":"\\ud800","kind":"lesson"}', id="half a surrogate pair"),
        pytest.param(b'{"title":"a","kind":"video","length_ms":NaN}', id="NaN"),
        pytest.param(b"", id="nothing"),
    ],
)
async def test_a_body_that_is_no_json_is_a_problem_of_the_sender(
    gateway: Running, body: bytes
) -> None:
    """400, and no fault of ours in the log."""
    headers = {"content-type": "application/json"}
    answer = await gateway.http.post("/v1/contents", content=body, headers=headers)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_large_body_is_not_even_read(gateway: Running) -> None:
    """Nobody needs to be known to send one."""
    headers = {"content-type": "application/json", "authorization": ""}
    body = b'{"title":"' + b"a" * 1_000_000
    answer = await gateway.http.post("/v1/contents", content=body, headers=headers)
    assert answer.status_code in {401, 413}


@pytest.mark.parametrize(
    "media_url",
    [
        "javascript:alert(1)",
        "file:///etc/passwd",
        "data:text/html,x",
        "//example.org/film.mp4",
        "http://",
        "http://[::1",
        "https://user:word@example.org/film.mp4",
        "https://example.org/film.mp4\r\nx: y",
        "https://example.org/'><script>",
        " https://example.org/film.mp4",
    ],
)
async def test_a_film_lies_at_a_plain_web_address(gateway: Running, media_url: str) -> None:
    """Nothing that runs, reads a disk, or tells a password to everyone who watches."""
    body = {"title": "Light", "kind": "lesson", "media_url": media_url}
    assert (await gateway.http.post("/v1/contents", json=body)).status_code == 400
