"""Who sent this request: the holder of the local access token, or of a ticket.

Both come as `Authorization: Bearer …`. The local token may do everything in its tenant;
a ticket may read its own session and what everyone may know of its content.
"""

import hmac
from dataclasses import dataclass

from rapt.bearer import token_in
from rapt.errors import NotPermitted, NotSignedIn

from gateway.identity.tickets import Ticket, Tickets


@dataclass(frozen=True, slots=True)
class Caller:
    """Someone who is known."""

    tenant_id: int
    ticket: Ticket | None
    """None for the holder of the local token."""

    @property
    def is_owner(self) -> bool:
        """Whether the caller holds the local token."""
        return self.ticket is None

    def must_own(self) -> None:
        """Let only the holder of the local token pass.

        Raises:
            NotPermitted: the caller has only a ticket.
        """
        if not self.is_owner:
            raise NotPermitted("this needs the local access token; a ticket is not enough")

    def must_see_content(self, content_id: int) -> None:
        """Let whoever watches the content pass.

        Raises:
            NotPermitted: the ticket is for another content.
        """
        if self.ticket is not None and self.ticket.content_id != content_id:
            raise NotPermitted("the ticket is for another content; open a session for this one")

    def must_see_session(self, session_id: int) -> None:
        """Let whose session it is pass.

        Raises:
            NotPermitted: the ticket is for another session.
        """
        if self.ticket is not None and self.ticket.session_id != session_id:
            raise NotPermitted("the ticket is for another session; use the one of this session")


class Callers:
    """Knows people by what they bring."""

    def __init__(self, *, local_token: str, tickets: Tickets, tenant_id: int) -> None:
        self._local_token = local_token.encode()
        self._tickets = tickets
        self._tenant_id = tenant_id

    def read(self, authorization: str | None, *, now_s: int) -> Caller:
        """Return who sent a request with this Authorization header.

        Raises:
            NotSignedIn: there is none, or it is wrong or expired.
        """
        token = token_in(authorization or "")
        if not token:
            raise NotSignedIn(
                "send Authorization: Bearer with a ticket or the local access token of run.json"
            )
        if hmac.compare_digest(token, self._local_token):
            return Caller(self._tenant_id, None)
        if token.count(b".") != 2:  # noqa: PLR2004 - a ticket has three parts
            raise NotSignedIn(
                "the local access token is wrong; the right one is in run.json of the data folder"
            )
        ticket = self._tickets.read(token.decode(), now_s=now_s)
        return Caller(ticket.tenant_id, ticket)
