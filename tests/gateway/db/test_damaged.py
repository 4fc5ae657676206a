"""A database file that is not well stops the start with one sentence."""

import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest
from rapt.errors import Misconfigured

from gateway.db.database import check_file
from tests.gateway.test_main import COMMAND, environment_of


def _address(file: Path) -> str:
    return f"sqlite+aiosqlite:///{file}"


def _filled(file: Path) -> Path:
    with closing(sqlite3.connect(file)) as database:
        database.execute("CREATE TABLE seats (name TEXT)")
        database.executemany("INSERT INTO seats VALUES (?)", [("x" * 500,)] * 100)
        database.commit()
    return file


@pytest.mark.parametrize("cut", [0.9, 0.5, 0.1])
def test_a_cut_file_is_damaged(tmp_path: Path, cut: float) -> None:
    """Wherever it was cut, nothing of it is changed."""
    file = _filled(tmp_path / "gateway.sqlite")
    left = file.read_bytes()[: round(cut * file.stat().st_size)]
    file.write_bytes(left)
    with pytest.raises(Misconfigured, match=r"is damaged \(.*\); put back a copy"):
        check_file(_address(file))
    assert file.read_bytes() == left


def test_a_good_file_and_a_new_one_are_taken(tmp_path: Path) -> None:
    """So is a database that is no file."""
    check_file(_address(_filled(tmp_path / "gateway.sqlite")))
    check_file(_address(tmp_path / "new" / "gateway.sqlite"))
    check_file("sqlite+aiosqlite:///:memory:")
    check_file("postgresql+asyncpg://nobody@nowhere/rapt")


def test_a_folder_that_can_not_be_made_is_named(tmp_path: Path) -> None:
    """With what to do."""
    (tmp_path / "file").write_text("")
    with pytest.raises(Misconfigured, match="can not be used"):
        check_file(_address(tmp_path / "file" / "gateway.sqlite"))


def test_the_process_says_so_in_one_sentence(tmp_path: Path) -> None:
    """Not in a traceback."""
    (tmp_path / "gateway.sqlite").write_bytes(b"this is no database" * 100)
    done = subprocess.run(
        COMMAND, env=environment_of(tmp_path), capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stderr.startswith(f"{tmp_path}/gateway.sqlite is damaged")
    assert done.stderr.count("\n") == 1
