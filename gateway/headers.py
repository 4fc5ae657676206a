"""Headers of every answer that does not decide otherwise: nothing is guessed, framed or kept."""

from litestar.types import Message, Scope

SAFE: tuple[tuple[bytes, bytes], ...] = (
    (b"cache-control", b"no-store"),  # tickets and people's data are in most answers
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"referrer-policy", b"same-origin"),
    (b"x-content-type-options", b"nosniff"),
)


async def add_safe_headers(message: Message, _: Scope) -> None:
    """Add what an answer lacks."""
    if message["type"] != "http.response.start":
        return
    headers = list(message.get("headers", ()))
    there = {name.lower() for name, _ in headers}
    message["headers"] = headers + [pair for pair in SAFE if pair[0] not in there]
