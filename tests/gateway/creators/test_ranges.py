"""The Range header."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.creators.ranges import read_range
from gateway.problems import UnreadableRange


@given(st.text(max_size=40), st.integers(0, 10**12))
def test_any_header_gives_a_range_inside_the_file_or_none(header: str, size_bytes: int) -> None:
    """Nonsense is the whole file, never an error of ours."""
    try:
        part = read_range(header, size_bytes=size_bytes)
    except UnreadableRange:
        return
    assert part is None or 0 <= part.start < part.stop <= size_bytes


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.integers(1, 10**9))
def test_first_and_last_are_both_included(first: int, more: int, size_bytes: int) -> None:
    """As HTTP counts."""
    header = f"bytes={first}-{first + more}"
    if first >= size_bytes:
        with pytest.raises(UnreadableRange):
            read_range(header, size_bytes=size_bytes)
    else:
        part = read_range(header, size_bytes=size_bytes)
        assert part == range(first, min(first + more + 1, size_bytes))


@pytest.mark.parametrize("header", [None, "", "bytes=-", "bytes=5-2", "lines=1-2", "bytes=0-1,3-4"])
def test_what_is_no_single_range_is_the_whole_file(header: str | None) -> None:
    """RFC 9110 lets a server ignore it."""
    assert read_range(header, size_bytes=100) is None
