"""Which migrations does a store still need? Applies each once, in order, and records it.

Works over anything that runs a statement: the embedded engine before it listens, or a client of an
external ClickHouse. Every statement is written so that a second run changes nothing, because a
migration that is cut in the middle runs again from its start.
"""

import hashlib
from dataclasses import dataclass
from importlib.resources import files
from typing import Protocol

import structlog
from rapt.errors import Misconfigured

from analytics.statements import split_script

MIN_VERSION = (26, 3)  # before it, deduplication and TTL behave otherwise

log = structlog.get_logger(__name__)


class Commands(Protocol):
    """What runs one statement and gives its answer as text, tab separated."""

    def __call__(self, sql: str) -> str:
        """Run it."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One numbered file."""

    number: int
    name: str
    script: str

    @property
    def sha256(self) -> str:
        """Fingerprint of the script, so that an edited one is noticed."""
        return hashlib.sha256(self.script.encode()).hexdigest()


def known_migrations() -> list[Migration]:
    """Return all migrations in order."""
    folder = files("analytics") / "migrations"
    found = sorted((f for f in folder.iterdir() if f.name.endswith(".sql")), key=lambda f: f.name)
    return [Migration(int(f.name.split("_")[0]), f.name, f.read_text()) for f in found]


def migrate(command: Commands, database: str) -> list[str]:
    """Bring the database to the newest schema; return the names of what was applied.

    Raises:
        Misconfigured: the server is too old, or a recorded migration has another text.
    """
    require_version(command("SELECT version()"))
    command(f"CREATE DATABASE IF NOT EXISTS `{database}`")
    table = f"`{database}`.`migrations`"
    command(
        f"CREATE TABLE IF NOT EXISTS {table} (number UInt32, name String, sha256 String,"
        " applied_at DateTime64(3, 'UTC')) ENGINE = ReplacingMergeTree(applied_at) ORDER BY number"
    )
    listing = f"SELECT number, sha256 FROM {table} FINAL ORDER BY number"  # noqa: S608  our own name
    done = _recorded(command(listing))
    applied = []
    for migration in known_migrations():
        if migration.number in done:
            if done[migration.number] != migration.sha256:
                raise Misconfigured(
                    f"{migration.name} was applied with another text; add a new migration instead"
                )
            continue
        for statement in split_script(migration.script):
            command(_in_database(statement, database))
        command(
            f"INSERT INTO {table} SELECT {migration.number}, '{migration.name}',"
            f" '{migration.sha256}', now64(3)"
        )
        log.info("migration_applied", migration=migration.name)
        applied.append(migration.name)
    return applied


def require_version(version: str) -> None:
    """Refuse a server that is too old.

    Raises:
        Misconfigured: names the version and the lowest that works.
    """
    try:
        year, month = (int(part) for part in version.strip().split(".")[:2])
    except ValueError as error:
        raise Misconfigured(f"{version[:40]!r} is no version of ClickHouse") from error
    if (year, month) < MIN_VERSION:
        raise Misconfigured(f"ClickHouse {version.strip()} is too old: 26.3 is the lowest")


def _recorded(answer: str) -> dict[int, str]:
    """Read number and fingerprint from tab-separated lines."""
    rows = [line.split("\t") for line in answer.splitlines() if line]
    return {int(number): sha256 for number, sha256 in rows}


def _in_database(statement: str, database: str) -> str:
    """Put the database in front of the table that a statement makes or changes."""
    for head in ("CREATE TABLE IF NOT EXISTS ", "ALTER TABLE "):
        before, found, after = statement.partition(head)
        if found:
            return f"{before}{head}`{database}`.{after}"
    raise ValueError("a migration makes or alters a table; other statements need support here")
