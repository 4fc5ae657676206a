"""How does a browser's WebSocket begin, and how does it end?"""

from enum import IntEnum

SUBPROTOCOL = "rapt.v1"


class CloseCode(IntEnum):
    """Why the gateway closes a socket; below 4000 as in RFC 6455."""

    OVER = 1000
    """The session is closed."""
    RESTART = 1012
    """The gateway stops; come back soon."""
    TRY_LATER = 1013
    """There is no room, or the browser reads too slowly; come back later."""
    BAD_MESSAGE = 4400
    """The bytes are no message, or it stands in the wrong place; it would fail again."""
    NO_TICKET = 4401
    """The ticket is missing, forged or expired; renew it."""
    WRONG_ORIGIN = 4403
    """Pages of this origin may not connect."""
    NO_HELLO = 4408
    """No Hello came in time."""
    OPENED_ELSEWHERE = 4409
    """Another socket took the session over."""
    TOO_BIG = 4413
    """The message is larger than the contract allows."""
