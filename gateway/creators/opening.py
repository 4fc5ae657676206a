"""Opens sessions: writes down who sits where, and signs the ticket."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime

from rapt.errors import NotPermitted
from rapt.v1 import perception_pb2 as perception

from gateway.db.contents import Content, Contents
from gateway.db.sessions import Registered, Sessions
from gateway.identity.callers import Caller
from gateway.identity.tickets import Ticket, Tickets
from gateway.ids import new_id

LONGEST_S = 24 * 3600  # a ticket that was lost is renewed no longer than this

_KINDS = {"lesson": perception.CONTENT_KIND_LESSON, "video": perception.CONTENT_KIND_VIDEO}


@dataclass(frozen=True, slots=True)
class Person:
    """Who wants to watch."""

    name: str
    role: int
    """Number of `rapt.v1.Role`."""
    device: str
    camera: int = perception.CAMERA_UNSPECIFIED
    """Number of `rapt.v1.Camera`."""


@dataclass(frozen=True, slots=True)
class SignedTicket:
    """A ticket as it leaves the gateway."""

    session_id: int
    text: str
    expires_at: datetime


class Opening:
    """Opens sessions and renews their tickets."""

    def __init__(
        self, *, contents: Contents, register: Sessions, tickets: Tickets, policy: str
    ) -> None:
        self._contents = contents
        self._register = register
        self._tickets = tickets
        self._policy = policy

    async def open(self, tenant_id: int, content_id: int, person: Person) -> SignedTicket:
        """Open a session.

        Raises:
            NotFound: the tenant has no such content.
        """
        content = await self._contents.find(tenant_id, content_id)
        now_us = time.time_ns() // 1000
        ticket = Ticket(
            tenant_id=tenant_id,
            content_id=content_id,
            session_id=new_id(),
            user_key=new_id(),
            role=person.role,
            fence=now_us // 1_000_000,  # rises with every session of a person
            name=person.name,
            device=person.device,
            opened_at_us=now_us,
            policy=self._policy,
            content_kind=_KINDS[content.kind],
            content_length_ms=content.length_ms,
            camera=person.camera,
        )
        await self._register.add(ticket)
        return self._sign(ticket)

    async def renew(self, caller: Caller, session_id: int) -> SignedTicket:
        """Sign a new ticket for a session that was opened before.

        Raises:
            NotFound: the tenant has no such session.
            NotPermitted: a ticket asks, and its session began too long ago.
        """
        if caller.ticket is not None:
            if time.time() - caller.ticket.opened_at_us / 1e6 > LONGEST_S:
                raise NotPermitted("the session began more than a day ago; open a new one")
            return self._sign(caller.ticket)
        registered = await self._register.find(caller.tenant_id, session_id)
        content = await self._contents.find(caller.tenant_id, registered.content_id)
        return self._sign(_ticket(registered, content, self._policy))

    def _sign(self, ticket: Ticket) -> SignedTicket:
        now_s = int(time.time())
        expires_at = datetime.fromtimestamp(now_s + self._tickets.good_for_s, UTC)
        return SignedTicket(ticket.session_id, self._tickets.sign(ticket, now_s=now_s), expires_at)


def _ticket(registered: Registered, content: Content, policy: str) -> Ticket:
    return Ticket(
        tenant_id=registered.tenant_id,
        content_id=registered.content_id,
        session_id=registered.session_id,
        user_key=registered.user_key,
        role=registered.role,
        fence=registered.fence,
        name=registered.name,
        device=registered.device,
        opened_at_us=registered.opened_at_us,
        policy=policy,
        content_kind=_KINDS[content.kind],
        content_length_ms=content.length_ms,
        camera=registered.camera,
    )
