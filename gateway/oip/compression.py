"""A body that came compressed, and never more of it than a body may have."""

import zlib

from rapt.errors import InvalidMessage

from gateway.oip.requests import MAX_BODY_BYTES

_WINDOW_BITS = {"gzip": 16 + zlib.MAX_WBITS, "deflate": zlib.MAX_WBITS}
"""How zlib is told which of its two wrappings it reads."""
_AS_IT_IS = {"", "identity"}


def expanded(body: bytes, encoding: str) -> bytes:
    """Return what a body holds.

    Args:
        body: as it came.
        encoding: what `Content-Encoding` says.

    Raises:
        InvalidMessage: the encoding is not known, the body is damaged, or holds too much.
    """
    name = encoding.strip().lower()
    if name in _AS_IT_IS:
        return body
    if name not in _WINDOW_BITS:
        raise InvalidMessage(f"the encoding {name[:16]!r} is not known; send gzip or deflate")
    reader = zlib.decompressobj(_WINDOW_BITS[name])
    try:
        whole = reader.decompress(body, MAX_BODY_BYTES)
    except zlib.error as error:
        raise InvalidMessage(f"the body is no {name}") from error
    if reader.unconsumed_tail:
        raise InvalidMessage(f"the body holds more than {MAX_BODY_BYTES} bytes")
    if not reader.eof:
        raise InvalidMessage(f"the body is cut; its {name} does not end")
    return whole
