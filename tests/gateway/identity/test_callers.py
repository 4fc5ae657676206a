"""Who may do what, over HTTP and the socket: token, ticket, tenant."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from rapt.v1 import viewing_pb2 as viewing

from gateway.identity.tickets import Ticket, Tickets
from tests.gateway.fakes import FakeAnswers, FakeWorker
from tests.gateway.running import KEY, TOKEN, Running, config_for, event, run_gateway

OTHER_KEY = "another key that is 32 characters"


def _packed(part: bytes) -> bytes:
    return base64.urlsafe_b64encode(part).rstrip(b"=")


def _forged(ticket: str, header: dict[str, object], sign: Callable[[bytes], bytes]) -> str:
    """Return the same claims under another header and signature."""
    body = _packed(json.dumps(header).encode()) + b"." + ticket.split(".")[1].encode()
    return (body + b"." + _packed(sign(body))).decode()


def _hmac(key: str, name: str) -> Callable[[bytes], bytes]:
    return lambda body: hmac.new(key.encode(), body, name).digest()


FORGERIES: dict[str, Callable[[str], str]] = {
    "alg none": lambda t: _forged(t, {"alg": "none"}, lambda _: b""),
    "alg None": lambda t: _forged(t, {"alg": "None"}, lambda _: b""),
    "no alg": lambda t: _forged(t, {}, _hmac(KEY, "sha256")),
    "HS512, our key": lambda t: _forged(t, {"alg": "HS512"}, _hmac(KEY, "sha512")),
    "RS256, our key": lambda t: _forged(t, {"alg": "RS256"}, _hmac(KEY, "sha256")),
    "its own key": lambda t: _forged(
        t, {"alg": "HS256", "jwk": {"kty": "oct", "k": "AA"}}, _hmac("\0", "sha256")
    ),
    "key by address": lambda t: _forged(
        t,
        {"alg": "HS256", "jku": "http://127.0.0.1/", "kid": "../../dev/null"},
        _hmac("", "sha256"),
    ),
    "critical extension": lambda t: _forged(
        t, {"alg": "HS256", "crit": ["b64"], "b64": False}, _hmac(KEY, "sha256")
    ),
    "another key": lambda t: _forged(t, {"alg": "HS256"}, _hmac(OTHER_KEY, "sha256")),
    "no signature": lambda t: t.rpartition(".")[0] + ".",
    "claims alone": lambda t: t.split(".")[1],
    "hash instead of hmac": lambda t: _forged(
        t, {"alg": "HS256"}, lambda body: hashlib.sha256(body).digest()
    ),
}


@pytest.mark.parametrize("name", FORGERIES)
async def test_a_forged_ticket_opens_nothing(gateway: Running, name: str) -> None:
    """Neither over HTTP nor on the socket; the answer repeats nothing of it."""
    session = await gateway.open_session()
    ticket = FORGERIES[name](session["ticket"])
    path = f"/v1/sessions/{session['session_id']}/ticket"
    answer = await gateway.http.post(path, headers={"authorization": f"Bearer {ticket}"})
    assert answer.status_code == 401
    assert ticket not in answer.text
    async with gateway.browser() as browser:
        await browser.send(hello=viewing.Hello(ticket=ticket))
        code, reason = await browser.closed_with()
    assert code == 4401
    assert ticket not in reason


@pytest.mark.parametrize("changes", [{"role": 99}, {"fence": 2**70}, {"tenant_id": 0}])
async def test_a_well_signed_impossible_ticket_closes_the_socket_alone(
    gateway: Running, changes: dict[str, Any]
) -> None:
    """Whatever it says, the gateway goes on."""
    session = await gateway.open_session()
    tickets, now_s = Tickets(KEY, good_for_s=600), int(time.time())
    ticket = replace(tickets.read(session["ticket"], now_s=now_s), **changes)
    async with gateway.browser() as browser:
        await browser.send(hello=viewing.Hello(ticket=_sign(tickets, ticket, now_s)))
        await browser.send(player_event=event(1))
        await browser.next()
    assert (await gateway.http.get("/readyz")).status_code == 200


def _sign(tickets: Tickets, ticket: Ticket, now_s: int) -> str:
    return tickets.sign(ticket, now_s=now_s)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/contents"),
        ("POST", "/v1/contents"),
        ("POST", "/v1/sessions"),
        ("GET", "/v1/contents/{other_content}"),
        ("GET", "/v1/contents/{other_content}/heatmap"),
        ("GET", "/v1/contents/{other_content}/pulse"),
        ("GET", "/v1/contents/{content}/totals"),
        ("GET", "/v1/contents/{content}/sessions"),
        ("PUT", "/v1/contents/{content}/media"),
        ("GET", "/v1/sessions/{other}/facts"),
        ("POST", "/v1/sessions/{other}/ticket"),
        ("POST", "/v1/sessions/{other}/events"),
    ],
)
@pytest.mark.parametrize("role", ["student", "teacher"])
async def test_a_ticket_is_good_for_its_own_session_alone(
    gateway: Running, method: str, path: str, role: str
) -> None:
    """Nothing of other sessions and contents, and nothing that belongs to the owner."""
    content, other_content = [await gateway.make_content() for _ in range(2)]
    own = await gateway.open_session(content, role=role)
    other = await gateway.open_session(content)
    address = path.format(content=content, other_content=other_content, other=other["session_id"])
    body = {
        "/v1/contents": {"title": "x", "kind": "lesson"},
        "/v1/sessions": {"content_id": content, "name": "x"},
    }.get(path)
    headers = {"authorization": f"Bearer {own['ticket']}"}
    answer = await gateway.http.request(method, address, headers=headers, json=body)
    assert answer.status_code == 403, answer.text


@pytest.mark.parametrize("where", ["ticket", "token", "access_token", "authorization"])
async def test_nothing_in_an_address_is_a_credential(gateway: Running, where: str) -> None:
    """Addresses end up in logs and histories."""
    async with httpx.AsyncClient(base_url=gateway.url, trust_env=False) as nobody:
        answer = await nobody.get("/v1/contents", params={where: TOKEN})
    assert answer.status_code == 401
    assert TOKEN not in answer.text


async def test_two_tenants_see_nothing_of_each_other(worker: FakeWorker, tmp_path: Path) -> None:
    """Not even with the same database, media folder and hub."""
    answers = FakeAnswers()
    first = config_for(tmp_path, worker.address, tenant=1)
    second = config_for(
        tmp_path,
        worker.address,
        tenant=2,
        local_token="token-of-the-second-tenant",  # noqa: S106 - opens nothing but this test's
        ticket_key=OTHER_KEY,
    )
    async with run_gateway(first, answers) as one, run_gateway(second, answers) as two:
        two.http.headers["authorization"] = f"Bearer {second.local_token}"
        content = await one.make_content()
        media = f"/v1/contents/{content}/media"
        film = await one.http.put(media, content=b"film", headers={"content-type": "video/mp4"})
        assert film.status_code == 200
        session = await one.open_session(content)
        facts = f"/v1/sessions/{session['session_id']}/facts"
        paths = [f"/v1/contents/{content}", media, facts]
        paths += [f"/v1/contents/{content}/{what}" for what in ("heatmap", "pulse", "totals")]
        for path in paths:
            assert (await one.http.get(path)).status_code == 200, path
            assert (await two.http.get(path)).status_code == 404, path
        assert (await two.http.get("/v1/contents")).json() == []
        assert (await two.http.get(f"/v1/contents/{content}/sessions")).json() == []
        ticket = {"authorization": f"Bearer {session['ticket']}"}
        owner = {"authorization": f"Bearer {TOKEN}"}
        for stranger in (ticket, owner):
            answer = await two.http.get(f"/v1/contents/{content}", headers=stranger)
            assert answer.status_code == 401
        async with two.browser() as browser:
            await browser.send(hello=viewing.Hello(ticket=session["ticket"]))
            assert (await browser.closed_with())[0] == 4401
