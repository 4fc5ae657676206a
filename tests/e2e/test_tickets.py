"""Only a ticket that the gateway has signed, and that is still good, opens a session."""

import time
from collections.abc import Callable

import pytest
from rapt.cli.credentials import load_credentials
from rapt.v1 import viewing_pb2 as viewing

from gateway.identity.tickets import Tickets
from tests.e2e.peer import Peer, open_session
from tests.services import Services

DAY_S = 86_400


def _now_s() -> int:
    return int(time.time())


def _signed_with_another_key(ticket: str, key: str) -> str:
    claims = Tickets(key, good_for_s=600).read(ticket, now_s=_now_s())
    return Tickets("another key, of thirty-two characters", good_for_s=600).sign(
        claims, now_s=_now_s()
    )


def _expired(ticket: str, key: str) -> str:
    tickets = Tickets(key, good_for_s=600)
    return tickets.sign(tickets.read(ticket, now_s=_now_s()), now_s=_now_s() - DAY_S)


def _unsigned(ticket: str, _: str) -> str:
    return ticket.rpartition(".")[0] + "."


def _changed(ticket: str, _: str) -> str:
    head, body, signature = ticket.split(".")
    return f"{head}.{body[:-3]}AAA.{signature}"


def _missing(_ticket: str, _: str) -> str:
    return ""


@pytest.mark.parametrize(
    "forge", [_signed_with_another_key, _expired, _unsigned, _changed, _missing]
)
async def test_ticket_that_is_not_good_is_refused(
    forge: Callable[[str, str], str], running: Services
) -> None:
    """The socket closes with 4401 and a reason; the good ticket still works."""
    opened = await open_session(running.running, "Ada")
    key = load_credentials(running.data).ticket_key
    async with Peer(running.running, opened) as peer:
        hello = viewing.Hello(ticket=forge(opened.ticket, key))
        await peer.send(viewing.ClientMessage(hello=hello))
        assert await peer.close_code() == 4401
        assert peer.socket.close_reason
    async with Peer(running.running, opened) as peer:
        assert str((await peer.hello()).session_id) == opened.session_id
