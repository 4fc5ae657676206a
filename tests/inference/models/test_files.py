"""Hashes, and files that appear all at once."""

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.models.files import is_intact, put, sha256_of


@given(data=st.binary(max_size=300))
def test_what_was_put_is_intact(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    """The hash is that of the bytes, and any other size or hash is not intact."""
    path = tmp_path_factory.mktemp("put") / "deep" / "file"
    put(path, data)
    sha256 = hashlib.sha256(data).hexdigest()
    assert sha256_of(path) == sha256
    assert is_intact(path, size_bytes=len(data), sha256=sha256)
    assert not is_intact(path, size_bytes=len(data) + 1, sha256=sha256)
    assert not is_intact(path, size_bytes=len(data), sha256="0" * 64)


def test_an_absent_file_is_not_intact(tmp_path: Path) -> None:
    """Neither is a folder."""
    assert not is_intact(tmp_path / "nothing", size_bytes=0, sha256="0" * 64)
    assert not is_intact(tmp_path, size_bytes=tmp_path.stat().st_size, sha256="0" * 64)


def test_a_reader_keeps_the_file_that_it_opened(tmp_path: Path) -> None:
    """The new file takes the old one's place; it is not written over it."""
    path = tmp_path / "file"
    put(path, b"old")
    with path.open("rb") as reader:
        put(path, b"new")
        assert reader.read() == b"old"
    assert path.read_bytes() == b"new"


def test_a_failed_write_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And nothing half written beside it."""
    path = tmp_path / "file"
    put(path, b"old")

    def full_disk(_: int) -> None:
        raise OSError(28, "no space left on device")

    monkeypatch.setattr("os.fsync", full_disk)
    with pytest.raises(OSError, match="no space"):
        put(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
