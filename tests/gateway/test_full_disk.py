"""A gateway whose disk is full says so."""

import errno
import os
import sqlite3

import pytest
from litestar import get
from litestar.testing import create_async_test_client

from gateway.problems import answer_fault


@get("/save")
async def save() -> None:
    """Write a file where there is no room."""
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@get("/insert")
async def insert() -> None:
    """Write a row where there is no room, through a layer that has its own errors."""
    database = sqlite3.connect(":memory:")
    database.execute("PRAGMA max_page_count = 1")
    try:
        database.execute("CREATE TABLE seats (name TEXT)")
    except sqlite3.OperationalError as error:
        raise RuntimeError("the layer above") from error


@get("/fail")
async def fail() -> None:
    """Have a bug."""
    raise ValueError("our bug")


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [("/save", 507, "Make room"), ("/insert", 507, "Make room"), ("/fail", 500, "fault of ours")],
)
async def test_a_full_disk_has_a_problem_of_its_own(path: str, status: int, words: str) -> None:
    """It is no bug, and there is something that a person can do."""
    async with create_async_test_client(
        [save, insert, fail], exception_handlers={Exception: answer_fault}
    ) as client:
        answer = await client.get(path)
    assert answer.status_code == status
    assert words in answer.json()["detail"]
