"""What people may call themselves and their contents: one visible line, in any language.

Pure. A name stands among other names on a wall, so characters that would move, hide or break what
stands beside it are refused: controls, line ends, and the marks that turn the direction of text.
"""

import unicodedata

from rapt.errors import InvalidMessage

_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_REFUSED = frozenset({"Cc", "Cs", "Co", "Cn", "Zl", "Zp"})
_UNSEEN = ("C", "M", "Z")  # categories that begin so show nothing by themselves


def read_line(text: str, *, what: str) -> str:
    """Return the text as it is shown, without space at its ends.

    Raises:
        InvalidMessage: it shows nothing, or holds what may not stand in a line.
    """
    line = unicodedata.normalize("NFC", text).strip()
    for character in line:
        if character in _TURNING or unicodedata.category(character) in _REFUSED:
            raise InvalidMessage(
                f"the {what} holds U+{ord(character):04X}, which is no visible text; leave it out"
            )
    if all(unicodedata.category(character).startswith(_UNSEEN) for character in line):
        raise InvalidMessage(f"the {what} is empty; send the {what} to show")
    return line
