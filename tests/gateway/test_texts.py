"""What may be a name or a title."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapt.errors import InvalidMessage

from gateway.texts import read_line


@pytest.mark.parametrize(
    "text",
    [
        "Ada Lovelace",
        "  Ada  ",
        "Zo\u00eb",
        "\u0645\u0631\u064a\u0645",
        "\u738b\u5c0f\u660e",
        "\U0001f469\u200d\U0001f3eb",  # a teacher is joined of two signs
        "<b>Ada</b>",
        "Robert'); DROP TABLE students;--",
    ],
)
def test_any_language_is_welcome(text: str) -> None:
    """Pages show text as text, so markup is a name as good as any."""
    assert read_line(text, what="name") == text.strip()


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param(" \u3000 ", id="spaces"),
        pytest.param("\u200b\u200d", id="nothing that shows"),
        pytest.param("\u0301", id="an accent alone"),
        pytest.param("Ada\u202eecalevoL", id="turned direction"),
        pytest.param("\u2066Ada", id="isolated direction"),
        pytest.param("Ada\nLovelace", id="two lines"),
        pytest.param("Ada\u2028Lovelace", id="line separator"),
        pytest.param("Ada\x00", id="NUL"),
        pytest.param("\x1b[31mAda", id="terminal escape"),
        pytest.param("Ada\x85Lovelace", id="next line"),
    ],
)
def test_what_would_disturb_its_neighbours_is_refused(text: str) -> None:
    """A sentence says which character it is."""
    with pytest.raises(InvalidMessage, match="the name"):
        read_line(text, what="name")


@given(st.text(max_size=100))
def test_what_passes_is_one_line_without_controls(text: str) -> None:
    """Reading it again changes nothing."""
    try:
        line = read_line(text, what="title")
    except InvalidMessage:
        return
    assert line == read_line(line, what="title")
    assert len(line.splitlines()) == 1
    assert not any(unicodedata.category(character) == "Cc" for character in line)
