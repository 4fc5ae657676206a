"""Is a message that is too large a picture that is too large, and nothing else?

Pure. Only such a one is taken apart, to answer it by its number. Anything else could become twenty
times its size when it is: eight megabytes may hold four million empty segments.
"""

from rapt.v1 import viewing_pb2 as viewing

_BYTES = 2  # wire type of what says its length
_FRAME_TAG = viewing.ClientMessage.FRAME_FIELD_NUMBER << 3 | _BYTES
_MAX_LENGTH_BYTES = 5  # of the number that says the length; more than any message has


def is_one_frame(data: bytes) -> bool:
    """Return whether the message is one frame from its first byte to its last."""
    if data[:1] != bytes([_FRAME_TAG]):
        return False
    length = 0
    for place, byte in enumerate(data[1 : 1 + _MAX_LENGTH_BYTES]):
        length |= (byte & 0x7F) << 7 * place
        if byte < 0x80:  # noqa: PLR2004 - the last byte of a varint
            return len(data) == 2 + place + length
    return False
