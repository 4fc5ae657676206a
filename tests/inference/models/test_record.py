"""What was built, as it is written down."""

from pathlib import Path

import pytest

from inference.models.record import (
    RECORD_NAME,
    Built,
    Record,
    is_noted,
    read_record,
    write_record,
)


def test_a_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    """Both ways, through the file."""
    record = Record("/cache", {"mesh": Built("mesh.onnx", "key", "0" * 64, 7)})
    write_record(tmp_path, record)
    assert read_record(tmp_path) == record
    assert is_noted(tmp_path, Path("/cache"))
    assert not is_noted(tmp_path, Path("/other"))


@pytest.mark.parametrize("damage", [b"", b"{", b'{"models": []}', b"\x00\xff"])
def test_a_damaged_record_is_an_empty_one(tmp_path: Path, damage: bytes) -> None:
    """So everything is built anew, instead of trusting half of it."""
    (tmp_path / RECORD_NAME).write_bytes(damage)
    assert read_record(tmp_path) == Record()


def test_an_absent_record_is_an_empty_one(tmp_path: Path) -> None:
    """As on first use."""
    assert read_record(tmp_path / "nothing") == Record()
