"""The live table."""

import io

from rich.console import Console

from demo.progress import ROWS, line_of, table_of
from demo.sheet import Sheet


def shown(sheets: list[Sheet]) -> str:
    """The table as text."""
    page = io.StringIO()
    Console(file=page, width=160).print(table_of(sheets))
    return page.getvalue()


def test_everyone_stands_in_the_line() -> None:
    """Present, frames and verdicts are counted over all."""
    one = Sheet("One", doing="focused", frames_sent=10, verdicts=9)
    one.recent_ms.append(12.0)
    two = Sheet("Two", doing="gone", frames_sent=5, verdicts=5)
    line = line_of([one, two])
    assert line.startswith("1 of 2 present, 15 frames sent, 14 verdicts, 12 ms")


def test_a_large_class_is_counted_and_not_listed() -> None:
    """The table never outgrows the terminal."""
    text = shown([Sheet(f"Student {n}") for n in range(ROWS + 7)])
    assert f"Student {ROWS - 1}" in text
    assert f"Student {ROWS + 1}" not in text
    assert "and 7 more" in text


def test_states_are_words() -> None:
    """No underscore reaches a person."""
    text = shown([Sheet("One", doing="eyes_closed", state="eyes_closed", probability=0.9)])
    assert "eyes closed" in text
    assert "eyes_closed" not in text
