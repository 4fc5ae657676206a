"""Compressed bodies: what they hold, and no more of it than a body may have."""

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapt.errors import InvalidMessage

from gateway.oip.compression import expanded
from gateway.oip.requests import MAX_BODY_BYTES


@given(body=st.binary(max_size=500))
def test_a_compressed_body_is_what_it_was(body: bytes) -> None:
    """In each of the encodings that clients know."""
    assert expanded(body, "") == expanded(body, "identity") == body
    assert expanded(gzip.compress(body), "GZIP") == body
    assert expanded(zlib.compress(body), "deflate") == body


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        pytest.param(b"x", "br", id="unknown"),
        pytest.param(b"nonsense", "gzip", id="damaged"),
        pytest.param(gzip.compress(b"x" * 100)[:-9], "gzip", id="cut"),
        pytest.param(gzip.compress(bytes(MAX_BODY_BYTES + 1)), "gzip", id="too much"),
        pytest.param(b"", "gzip", id="empty"),
    ],
)
def test_a_body_that_cannot_be_expanded_is_refused(body: bytes, encoding: str) -> None:
    """Before it takes any room."""
    with pytest.raises(InvalidMessage):
        expanded(body, encoding)
