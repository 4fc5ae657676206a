"""Each migration once, in order, on nothing that is too old."""

import pytest
from rapt.errors import Misconfigured

from analytics.migrate import known_migrations, migrate
from analytics.statements import split_script
from analytics.store import Store


class FakeServer:
    """Remembers what it is told; knows its version and the recorded migrations."""

    def __init__(self, version: str = "26.9.2.1") -> None:
        self.version = version
        self.recorded = ""
        self.told: list[str] = []

    def __call__(self, sql: str) -> str:
        """Run a statement."""
        self.told.append(sql)
        if sql == "SELECT version()":
            return self.version
        if sql.startswith("SELECT number"):
            return self.recorded
        if sql.startswith("INSERT INTO `rapt`.`migrations`"):
            number, _, sha256 = (part.strip(" '") for part in sql.split("SELECT")[1].split(",")[:3])
            self.recorded += f"{number}\t{sha256}\n"
        return ""


def test_everything_is_applied_once() -> None:
    """The second run finds nothing to do."""
    server = FakeServer()
    assert migrate(server, "rapt") == [m.name for m in known_migrations()]
    server.told.clear()
    assert migrate(server, "rapt") == []
    assert not [sql for sql in server.told if "CREATE TABLE IF NOT EXISTS `rapt`.facts" in sql]


def test_a_migration_that_was_cut_runs_again() -> None:
    """It is recorded after its last statement, and each of them may be repeated."""
    server = FakeServer()
    migrate(server, "rapt")
    statements = [sql for sql in server.told if "`rapt`." in sql]
    assert "INSERT INTO `rapt`.`migrations`" in statements[-1]
    for migration in known_migrations():
        for sql in split_script(migration.script):
            assert "IF NOT EXISTS" in sql or sql.startswith("ALTER")


@pytest.mark.parametrize("version", ["18.16.1", "25.8.1.1", "26.2.4.23", "nonsense", ""])
def test_an_old_server_is_refused(version: str) -> None:
    """Before anything is changed there."""
    server = FakeServer(version)
    with pytest.raises(Misconfigured, match=r"26\.3|no version"):
        migrate(server, "rapt")
    assert server.told == ["SELECT version()"]


def test_an_edited_migration_is_noticed() -> None:
    """What was applied must not change afterwards."""
    server = FakeServer()
    server.recorded = f"1\t{'0' * 64}\n"
    with pytest.raises(Misconfigured, match="another text"):
        migrate(server, "rapt")


def test_numbers_are_without_gaps() -> None:
    """So that two branches can not both add the next one unseen."""
    assert [m.number for m in known_migrations()] == list(range(1, len(known_migrations()) + 1))


async def test_the_real_store_has_recorded_them(writer_store: Store) -> None:
    """With the fingerprint of the file."""
    found = await writer_store.execute("SELECT sha256 FROM migrations FINAL ORDER BY number")
    assert found.split("\n") == [m.sha256 for m in known_migrations()]


async def test_every_table_remembers_tokens(writer_store: Store) -> None:
    """Without the window a token does nothing."""
    found = await writer_store.execute(
        "SELECT name FROM system.tables WHERE database = currentDatabase() AND name != 'migrations'"
        " AND engine_full NOT LIKE '%non_replicated_deduplication_window = 10000%'"
    )
    assert found == ""
