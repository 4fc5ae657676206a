"""Ids: random positive 63-bit numbers, decimal strings in JSON.

63 bits, so that every database has a type for them; strings, because JavaScript loses bits above
2^53.
"""

import secrets

from rapt.errors import NotFound

MAX_ID = 2**63 - 1
_MAX_DIGITS = 19  # of 2^63 - 1


def new_id() -> int:
    """Return a number that nobody can guess and nobody else has."""
    return secrets.randbelow(MAX_ID) + 1


def number_of(text: str) -> int | None:
    """Return the number that an id stands for; None when it is no id."""
    if text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS and 0 < int(text) <= MAX_ID:
        return int(text)
    return None


def read_id(text: str, *, what: str) -> int:
    """Return the number in a path.

    Raises:
        NotFound: it is none of ours, so there is nothing with that id.
    """
    number = number_of(text)
    if number is not None:
        return number
    raise NotFound(f"there is no {what} with the id {text[:40]!r}; ids are decimal numbers")
