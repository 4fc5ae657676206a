"""Which bytes of a file are asked for? The Range header of HTTP (RFC 9110, section 14).

Pure. One range only; a header with several, or with another unit, is answered with the whole file.
"""

import re

from gateway.problems import UnreadableRange

_ONE_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")


def read_range(header: str | None, *, size_bytes: int) -> range | None:
    """Return the bytes asked for; None for the whole file.

    Raises:
        UnreadableRange: the range lies outside the file.
    """
    match = _ONE_RANGE.fullmatch(header.strip()) if header else None
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if first == "":  # the last so many bytes
        part = range(max(0, size_bytes - int(last)), size_bytes)
    else:
        end = int(last) + 1 if last else size_bytes
        if int(first) >= end and last:  # the other way round: not a range at all
            return None
        part = range(int(first), min(end, size_bytes))
    if len(part) == 0:
        raise UnreadableRange(f"the file has {size_bytes} bytes; ask for a range inside it")
    return part
