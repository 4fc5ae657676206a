"""A shared token: brought or not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapt.bearer import metadata_with, token_in


@given(token=st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=1))
def test_what_is_sent_is_what_is_read(token: str) -> None:
    """As text or as bytes."""
    ((_, authorization),) = metadata_with(token)
    assert token_in(authorization) == token_in(authorization.encode()) == token.encode()


@pytest.mark.parametrize(
    ("authorization", "token"),
    [
        ("", b""),
        ("Bearer", b""),
        ("Bearer ", b""),
        ("right", b""),
        ("Basic right", b""),
        ("bearer right ", b"right"),
        ("Bearer \u00e9", "\u00e9".encode()),
    ],
)
def test_only_what_follows_the_word_is_a_token(authorization: str, token: bytes) -> None:
    """Its capitals do not matter, nor does space around."""
    assert token_in(authorization) == token


def test_without_a_token_none_is_sent() -> None:
    """No metadata at all."""
    assert metadata_with("") == ()
