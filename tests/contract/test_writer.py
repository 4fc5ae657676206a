"""The writer and the one that stands for it in the worker's tests save rows alike."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import pytest
from rapt.errors import SpoolFull

from analytics.facts import Interaction, Role, Row
from analytics.writer import open_writer
from tests.inference.fakes import RecordingWriter


class Saving(Protocol):
    """What a worker asks for."""

    async def save(self, rows: Sequence[Row]) -> int:
        """Return how many rows are safe, once they are."""


NOWHERE = "http://writer:none@127.0.0.1:9/rapt"
"""No store: saving must not need one."""


def _row(seq: int) -> Interaction:
    return Interaction(
        tenant_id=1,
        content_id=2,
        session_id=3,
        seq=seq,
        user_key=4,
        course_id=0,
        role=Role.STUDENT,
        ts=datetime.now(UTC),
        kind="mark",
        from_ms=0,
        to_ms=0,
        value=0.0,
        fence=1,
        batch=0,
        keep_days=1,
    )


@pytest.fixture(params=["fake", "real"])
async def writer(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Saving]:
    """Return something that saves."""
    if request.param == "fake":
        yield RecordingWriter()
        return
    async with open_writer(NOWHERE, spool=tmp_path / "spool") as real:
        yield real


@pytest.fixture(params=["fake", "real"])
async def full_writer(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Saving]:
    """Return one without room."""
    if request.param == "fake":
        fake = RecordingWriter()
        fake.is_full = True
        yield fake
        return
    async with open_writer(NOWHERE, spool=tmp_path / "spool", max_bytes=1) as real:
        yield real


async def test_saved_rows_are_counted(writer: Saving) -> None:
    """Without a store, and from several callers."""
    assert await writer.save([_row(1), _row(2)]) == 2
    assert await writer.save([_row(3)]) == 1
    assert await writer.save([]) == 0


async def test_without_room_nothing_is_taken(full_writer: Saving) -> None:
    """The caller is told, and keeps what it has."""
    with pytest.raises(SpoolFull):
        await full_writer.save([_row(1)])
