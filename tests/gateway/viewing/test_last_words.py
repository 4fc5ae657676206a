"""What a closing page says over HTTP."""

import httpx
import pytest
from rapt.v1 import perception_pb2 as perception
from rapt.v1 import viewing_pb2 as viewing

from tests.gateway.fakes import FakePerception
from tests.gateway.running import Running, event


async def _say(gateway: Running, session: dict[str, str], body: bytes) -> httpx.Response:
    return await gateway.http.post(
        f"/v1/sessions/{session['session_id']}/events",
        content=body,
        headers={"authorization": f"Bearer {session['ticket']}"},
    )


async def test_an_event_reaches_the_open_session(
    gateway: Running, perception_fake: FakePerception
) -> None:
    """The event is safe before the answer comes, and the session is the same one."""
    session = await gateway.open_session()
    async with gateway.browser(session["ticket"]) as browser:
        await browser.send(player_event=event(1))
        await browser.until_acked(1)
    last = viewing.ClientMessage(player_event=event(2, perception.EVENT_KIND_CLOSE))
    answer = await _say(gateway, session, last.SerializeToString())
    assert answer.status_code == 202
    assert answer.json() == {"acked_event_seq": 2}
    assert perception_fake.calls == 1


async def test_a_close_ends_the_session(gateway: Running, perception_fake: FakePerception) -> None:
    """Close over HTTP is Close."""
    session = await gateway.open_session()
    async with gateway.browser(session["ticket"]) as browser:
        await browser.send(player_event=event(1))
        await browser.until_acked(1)
    close = perception.Close(reason=perception.EXIT_REASON_COMPLETED)
    body = viewing.ClientMessage(close=close).SerializeToString()
    assert (await _say(gateway, session, body)).status_code == 202
    await perception_fake.until(1, "closes")
    assert perception_fake.closes[0].reason == perception.EXIT_REASON_COMPLETED


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param(b"\xff" * 9, 400, id="garbage"),
        pytest.param(b"", 400, id="nothing"),
        pytest.param(
            viewing.ClientMessage(ping=viewing.Ping(client_us=1)).SerializeToString(),
            400,
            id="a ping",
        ),
        pytest.param(b"\0" * 70_000, 413, id="too big"),
    ],
)
async def test_what_is_no_last_word_is_refused(gateway: Running, body: bytes, status: int) -> None:
    """Each mistake is a problem with a status of its own."""
    session = await gateway.open_session()
    answer = await _say(gateway, session, body)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


async def test_only_the_sessions_own_ticket_may_speak(gateway: Running) -> None:
    """Another session's ticket and the local token are refused."""
    content_id = await gateway.make_content()
    ada, ben = [await gateway.open_session(content_id) for _ in range(2)]
    body = viewing.ClientMessage(player_event=event(1)).SerializeToString()
    stolen = {"session_id": ada["session_id"], "ticket": ben["ticket"]}
    assert (await _say(gateway, stolen, body)).status_code == 403
    path = f"/v1/sessions/{ada['session_id']}/events"
    assert (await gateway.http.post(path, content=body)).status_code == 403
