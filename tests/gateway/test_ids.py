"""Ids as text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapt.errors import NotFound

from gateway.ids import MAX_ID, new_id, read_id


@given(st.integers(1, MAX_ID))
def test_every_id_is_read_back(number: int) -> None:
    """Without losing a bit."""
    assert read_id(str(number), what="content") == number


@given(st.text(max_size=30).filter(lambda text: not (text.isascii() and text.isdigit())))
def test_what_is_no_number_is_not_found(text: str) -> None:
    """There is nothing with that id."""
    with pytest.raises(NotFound):
        read_id(text, what="content")


@pytest.mark.parametrize("text", ["0", str(MAX_ID + 1), "9" * 5000])
def test_numbers_that_cannot_be_are_not_found(text: str) -> None:
    """Zero, too large, absurd."""
    with pytest.raises(NotFound):
        read_id(text, what="content")


def test_new_ids_differ() -> None:
    """And fit the type of every database."""
    made = {new_id() for _ in range(1000)}
    assert len(made) == 1000
    assert all(0 < number <= MAX_ID for number in made)
