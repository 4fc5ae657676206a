"""Sessions over HTTP: opened, renewed, refused."""

import time
from dataclasses import replace
from datetime import datetime

import pytest
from rapt.v1 import perception_pb2 as perception

from gateway.creators.opening import LONGEST_S
from gateway.identity.tickets import Tickets
from tests.gateway.running import KEY, Running


async def test_a_session_comes_with_a_ticket_for_ten_minutes(gateway: Running) -> None:
    """The ticket says what was asked for."""
    content_id = await gateway.make_content(kind="lesson", length_ms=0)
    session = await gateway.open_session(content_id, role="teacher", name=" Grace ")
    ticket = Tickets(KEY, good_for_s=1).read(session["ticket"], now_s=int(time.time()))
    assert (str(ticket.content_id), str(ticket.session_id)) == (content_id, session["session_id"])
    assert (ticket.name, ticket.role, ticket.content_kind) == ("Grace", 2, 1)
    left_s = datetime.fromisoformat(session["expires_at"]).timestamp() - time.time()
    assert 500 < left_s <= 601


async def test_a_ticket_is_renewed_by_itself_or_by_the_owner(gateway: Running) -> None:
    """The new one is for the same session, person, camera and start."""
    session = await gateway.open_session(camera="room")
    path = f"/v1/sessions/{session['session_id']}/ticket"
    tickets = Tickets(KEY, good_for_s=1)
    old = tickets.read(session["ticket"], now_s=int(time.time()))
    assert old.camera == perception.CAMERA_ROOM
    for headers in ({"authorization": f"Bearer {session['ticket']}"}, {}):
        answer = await gateway.http.post(path, headers=headers)
        assert answer.status_code == 201
        assert tickets.read(answer.json()["ticket"], now_s=int(time.time())) == old


async def test_a_ticket_renews_no_other_session(gateway: Running) -> None:
    """403."""
    ada, ben = [await gateway.open_session() for _ in range(2)]
    headers = {"authorization": f"Bearer {ben['ticket']}"}
    path = f"/v1/sessions/{ada['session_id']}/ticket"
    assert (await gateway.http.post(path, headers=headers)).status_code == 403


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        pytest.param({"content_id": "12"}, 404, id="unknown content"),
        pytest.param({"name": ""}, 400, id="no name"),
        pytest.param({"name": "   "}, 400, id="blank name"),
        pytest.param({"name": "x" * 81}, 400, id="long name"),
        pytest.param({"role": "king"}, 400, id="unknown role"),
        pytest.param({"name": "Ada\u202eecalevoL"}, 400, id="a name that turns the text beside it"),
        pytest.param({"camera": "keyhole"}, 400, id="unknown camera"),
        pytest.param({"device": "Mozilla/5.0 (X11)"}, 400, id="a device that tells too much"),
    ],
)
async def test_a_wrong_session_is_a_problem(
    gateway: Running, changes: dict[str, str], status: int
) -> None:
    """Each with its status."""
    body = {"content_id": await gateway.make_content(), "name": "Ada"} | changes
    answer = await gateway.http.post("/v1/sessions", json=body)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_lost_ticket_is_not_renewed_for_ever(gateway: Running) -> None:
    """After a day it needs the local access token."""
    session = await gateway.open_session()
    tickets = Tickets(KEY, good_for_s=600)
    now_s = int(time.time())
    ticket = tickets.read(session["ticket"], now_s=now_s)
    old = replace(ticket, opened_at_us=ticket.opened_at_us - (LONGEST_S + 60) * 1_000_000)
    path = f"/v1/sessions/{session['session_id']}/ticket"
    headers = {"authorization": f"Bearer {tickets.sign(old, now_s=now_s)}"}
    assert (await gateway.http.post(path, headers=headers)).status_code == 403
    assert (await gateway.http.post(path)).status_code == 201
