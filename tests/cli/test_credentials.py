"""Passwords and keys: made once, kept private."""

import stat
from pathlib import Path

import msgspec
import pytest
from rapt.cli.credentials import FILE_NAME, load_credentials
from rapt.errors import Misconfigured


def test_credentials_are_made_once(tmp_path: Path) -> None:
    """The second start reads what the first one made."""
    assert msgspec.structs.asdict(load_credentials(tmp_path)) == msgspec.structs.asdict(
        load_credentials(tmp_path)
    )


def test_only_the_owner_reads_them(tmp_path: Path) -> None:
    """Mode 0600, also when the file was made readable meanwhile."""
    load_credentials(tmp_path)
    (tmp_path / FILE_NAME).chmod(0o644)
    load_credentials(tmp_path)
    assert stat.S_IMODE((tmp_path / FILE_NAME).stat().st_mode) == 0o600


def test_all_differ_and_are_long(tmp_path: Path) -> None:
    """256 bits each."""
    values = msgspec.structs.astuple(load_credentials(tmp_path))
    assert len(set(values)) == len(values)
    assert all(len(value) >= 43 for value in values)


def test_their_representation_hides_them(tmp_path: Path) -> None:
    """A log line with them in it says nothing."""
    credentials = load_credentials(tmp_path)
    assert credentials.local_token not in repr(credentials)


def test_a_file_of_an_older_release_is_completed(tmp_path: Path) -> None:
    """What is there stays, what is missing is made."""
    (tmp_path / FILE_NAME).write_text('{"local_token": "kept"}')
    credentials = load_credentials(tmp_path)
    assert credentials.local_token == "kept"  # noqa: S105  a test's own
    assert len(credentials.ticket_key) >= 43


def test_a_damaged_file_says_what_to_do(tmp_path: Path) -> None:
    """Deleting it makes new ones."""
    (tmp_path / FILE_NAME).write_text("{")
    with pytest.raises(Misconfigured, match=r"secrets\.json is damaged; delete it"):
        load_credentials(tmp_path)
