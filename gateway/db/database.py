"""Opens the database and brings it up to date before anyone asks it."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from rapt.errors import Misconfigured
from sqlalchemy import Connection, event
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)

_MIGRATIONS = Path(__file__).parent / "migrations"
_BUSY_MS = 5_000


class Database:
    """A pool of connections to one database."""

    def __init__(self, address: str) -> None:
        url = make_url(address)
        name = url.database if url.get_backend_name() == "sqlite" else None
        self._file = Path(name) if name and name != ":memory:" else None
        self._engine: AsyncEngine = create_async_engine(url)
        if url.get_backend_name() == "sqlite":
            event.listen(self._engine.sync_engine, "connect", _tune_sqlite)
        self._sessions = async_sessionmaker(self._engine, expire_on_commit=False)

    async def open(self) -> None:
        """Make the folder and run the migrations that are missing."""
        if self._file is not None:
            self._file.parent.mkdir(parents=True, exist_ok=True)
        async with self._engine.begin() as connection:
            await connection.run_sync(_migrate)

    async def close(self) -> None:
        """Give every connection back."""
        await self._engine.dispose()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """Commit what the block did, or nothing of it."""
        async with self._sessions.begin() as session:
            yield session


def check_file(address: str) -> None:
    """Look at the file of an SQLite database, so that a damaged one stops the start.

    Raises:
        Misconfigured: it is damaged, or can not be written; says what to do.
    """
    url = make_url(address)
    if url.get_backend_name() != "sqlite" or url.database in {None, "", ":memory:"}:
        return
    file = Path(str(url.database))
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(file, isolation_level=None, timeout=_BUSY_MS / 1000)) as found:
            verdict = str(found.execute("PRAGMA quick_check(1)").fetchone()[0])
            found.execute("BEGIN IMMEDIATE").execute("ROLLBACK")
    except sqlite3.OperationalError as error:
        raise Misconfigured(f"{file} can not be used: {error}; choose another folder") from error
    except sqlite3.DatabaseError as error:
        verdict = str(error)
    except OSError as error:
        raise Misconfigured(
            f"{file.parent} can not be used: {error.strerror}; choose another folder"
        ) from error
    if verdict != "ok":
        raise Misconfigured(
            f"{file} is damaged ({verdict.splitlines()[-1]}); put back a copy of it, or move it"
            " away to begin with an empty one"
        )


def alembic_config(connection: Connection) -> Config:
    """Tell Alembic where the migrations are and which connection to use."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def _migrate(connection: Connection) -> None:
    command.upgrade(alembic_config(connection), "head")


# The driver's connection has no common type.
def _tune_sqlite(connection: Any, _: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute(f"PRAGMA busy_timeout={_BUSY_MS}")
    cursor.close()
