"""The register: seats in order of joining, each once, within one tenant."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from rapt.errors import NotFound

from gateway.db.contents import Contents
from gateway.db.database import Database
from gateway.db.sessions import Sessions
from gateway.identity.tickets import Ticket


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """An empty database, opened twice: migrations run once."""
    address = f"sqlite+aiosqlite:///{tmp_path / 'deep' / 'gateway.sqlite'}"
    first = Database(address)
    await first.open()
    await first.close()
    database = Database(address)
    await database.open()
    yield database
    await database.close()


async def _ticket(database: Database) -> Ticket:
    content = await Contents(database).make(
        1, title="Light", kind="lesson", length_ms=0, media_url=""
    )
    return Ticket(1, content.id, 10, 4, 1, 5, "Ada", "desktop", 6, "adult/1", 1, 0)


async def test_seats_are_given_in_order_of_joining(database: Database) -> None:
    """Coming back keeps the seat; staff have none."""
    ticket = await _ticket(database)
    register = Sessions(database)
    ben, grace = replace(ticket, session_id=11), replace(ticket, session_id=12, role=2)
    joined = [await register.join(one) for one in (ticket, grace, ben, ticket)]
    assert [(j.seat, j.is_back) for j in joined] == [
        (0, False),
        (None, False),
        (1, False),
        (0, True),
    ]


async def test_a_crowd_that_joins_at_once_gets_different_seats(database: Database) -> None:
    """Two who want the same seat: one of them takes the next."""
    ticket = await _ticket(database)
    register = Sessions(database)
    crowd = [replace(ticket, session_id=number) for number in range(1, 21)]
    joined = await asyncio.gather(*(register.join(one) for one in crowd))
    assert sorted(one.seat for one in joined if one.seat is not None) == list(range(20))


async def test_another_tenant_finds_nothing(database: Database) -> None:
    """Neither the session nor the content."""
    ticket = await _ticket(database)
    register = Sessions(database)
    await register.add(ticket)
    assert (await register.find(1, 10)).name == "Ada"
    with pytest.raises(NotFound):
        await register.find(2, 10)
    with pytest.raises(NotFound):
        await Contents(database).find(2, ticket.content_id)
    assert await register.of_content(2, ticket.content_id) == []
    assert await Contents(database).newest(2, limit=9) == []
