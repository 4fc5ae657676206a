"""How do our own processes prove to each other that they belong together? With a shared token.

It travels as gRPC metadata `authorization: Bearer TOKEN`, the same words as in HTTP.
"""

import hmac
from collections.abc import Iterable

KEY = "authorization"
_SCHEME = "Bearer "


def metadata_with(token: str) -> tuple[tuple[str, str], ...]:
    """Return the metadata of a call; nothing without a token."""
    return ((KEY, _SCHEME + token),) if token else ()


def is_allowed(metadata: Iterable[tuple[str, str | bytes]], token: str) -> bool:
    """Return whether a call brings the token; without a token everyone is allowed.

    Takes the same time for every wrong token.
    """
    if not token:
        return True
    brought = next((value for key, value in metadata if key == KEY), "")
    value = brought if isinstance(brought, bytes) else brought.encode()
    return hmac.compare_digest(value, (_SCHEME + token).encode())
