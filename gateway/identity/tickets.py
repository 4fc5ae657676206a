"""The signed, short-lived right to open one session.

A ticket is a JSON Web Signature (HS256). It carries everything that the gateway needs to open the
session again, so a restarted gateway goes on with it. It travels in the first message of a socket
or as Bearer, never in an address.
"""

from dataclasses import dataclass

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from rapt.errors import NotSignedIn

from gateway.ids import number_of

_ALGORITHMS = ["HS256"]
_MAX_CHARACTERS = 4096  # a name of 80 characters makes a ticket of about 600
_RENEW = "ask for a new one at POST /v1/sessions/{id}/ticket"


@dataclass(frozen=True, slots=True)
class Ticket:
    """Who sits in front of what, and under which rules."""

    tenant_id: int
    content_id: int
    session_id: int
    user_key: int
    role: int
    """Number of `rapt.v1.Role`."""
    fence: int
    name: str
    device: str
    opened_at_us: int
    policy: str
    content_kind: int
    """Number of `rapt.v1.ContentKind`."""
    content_length_ms: int
    camera: int = 0
    """Number of `rapt.v1.Camera`: one person before a screen, or a room."""


class _Claims(msgspec.Struct, frozen=True, kw_only=True):
    """What is signed. Ids are strings, as everywhere in JSON."""

    tenant: int
    content: str
    session: str
    user_key: str
    role: int
    fence: int
    name: str
    device: str
    opened_at_us: int
    policy: str
    kind: int
    length_ms: int
    camera: int = 0
    iat: int
    exp: int


class Tickets:
    """Signs tickets and believes only its own."""

    def __init__(self, key: str, *, good_for_s: int) -> None:
        self._key = OctKey.import_key(key)
        self.good_for_s = good_for_s

    def sign(self, ticket: Ticket, *, now_s: int) -> str:
        """Return the ticket as text, good from now on."""
        claims = _Claims(
            tenant=ticket.tenant_id,
            content=str(ticket.content_id),
            session=str(ticket.session_id),
            user_key=str(ticket.user_key),
            role=ticket.role,
            fence=ticket.fence,
            name=ticket.name,
            device=ticket.device,
            opened_at_us=ticket.opened_at_us,
            policy=ticket.policy,
            kind=ticket.content_kind,
            length_ms=ticket.content_length_ms,
            camera=ticket.camera,
            iat=now_s,
            exp=now_s + self.good_for_s,
        )
        header = {"alg": "HS256"}
        return jwt.encode(header, msgspec.to_builtins(claims), self._key, algorithms=_ALGORITHMS)

    def read(self, text: str, *, now_s: int) -> Ticket:
        """Return what a ticket says.

        Raises:
            NotSignedIn: it is missing, forged, damaged or expired.
        """
        claims = self._claims(text)
        if claims.exp <= now_s:
            raise NotSignedIn(f"the ticket expired {now_s - claims.exp} s ago; {_RENEW}")
        return Ticket(
            tenant_id=claims.tenant,
            content_id=_number(claims.content),
            session_id=_number(claims.session),
            user_key=_number(claims.user_key),
            role=claims.role,
            fence=claims.fence,
            name=claims.name,
            device=claims.device,
            opened_at_us=claims.opened_at_us,
            policy=claims.policy,
            content_kind=claims.kind,
            content_length_ms=claims.length_ms,
            camera=claims.camera,
        )

    def _claims(self, text: str) -> _Claims:
        if not text:
            raise NotSignedIn("there is no ticket; get one at POST /v1/sessions")
        if len(text) > _MAX_CHARACTERS:
            raise NotSignedIn(f"this is no ticket of ours; {_RENEW}")
        try:
            token = jwt.decode(text, self._key, algorithms=_ALGORITHMS)
            return msgspec.convert(token.claims, _Claims)
        except (JoseError, msgspec.ValidationError, ValueError) as error:
            raise NotSignedIn(f"the ticket is damaged or not signed by us; {_RENEW}") from error


def _number(text: str) -> int:
    number = number_of(text)
    if number is None:
        raise NotSignedIn(f"the ticket names an id that cannot be; {_RENEW}")
    return number
