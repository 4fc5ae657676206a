"""How do our own processes prove to each other that they belong together? With a shared token.

It travels as gRPC metadata `authorization: Bearer TOKEN`, the same words as in HTTP.
Whoever compares it takes the same time for every wrong token (`hmac.compare_digest`).
"""

KEY = "authorization"
_SCHEME = "Bearer "


def metadata_with(token: str) -> tuple[tuple[str, str], ...]:
    """Return the metadata of a call; nothing without a token."""
    return ((KEY, _SCHEME + token),) if token else ()


def token_in(authorization: str | bytes) -> bytes:
    """Return the token that an authorization brings; nothing when it brings none."""
    brought = authorization if isinstance(authorization, bytes) else authorization.encode()
    scheme, token = brought[: len(_SCHEME)], brought[len(_SCHEME) :]
    return token.strip() if scheme.lower() == _SCHEME.lower().encode() else b""
