"""A shared token: brought or not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapt.bearer import is_allowed, metadata_with


@given(token=st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=1))
def test_who_brings_the_token_is_allowed(token: str) -> None:
    """As text or as bytes, whatever else is there."""
    assert is_allowed([("user-agent", "x"), *metadata_with(token)], token)
    assert is_allowed([("authorization", f"Bearer {token}".encode())], token)


@pytest.mark.parametrize(
    "metadata",
    [
        [],
        [("authorization", "")],
        [("authorization", "Bearer ")],
        [("authorization", "Bearer wrong")],
        [("authorization", "right")],
        [("authorization", "Bearer right ")],
        [("authorization", "Bearer \u00e9")],
        [("authorization-bin", b"Bearer right")],
        [("authorization", "Bearer wrong"), ("authorization", "Bearer right")],
    ],
)
def test_everyone_else_is_not(metadata: list[tuple[str, str | bytes]]) -> None:
    """The first of several counts."""
    assert not is_allowed(metadata, "right")


def test_without_a_token_nobody_needs_one() -> None:
    """And none is sent."""
    assert metadata_with("") == ()
    assert is_allowed([], "")
