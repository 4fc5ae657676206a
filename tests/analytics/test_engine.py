"""What the embedded engine reaches, and what it does not."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from analytics.columns import arrow_stream, column_names
from analytics.engine import Ask, Engine, EngineError
from analytics.migrate import migrate
from analytics.statements import OUTSIDE
from tests.analytics.rows import fact

INSIDE = frozenset(
    {
        "format",
        "generate_series",
        "generaterandom",
        "generateseries",
        "mergetreeanalyzeindexes",
        "mergetreeanalyzeindexesuuid",
        "mergetreecodecblockcounts",
        "mergetreeindex",
        "mergetreeprojection",
        "mergetreetextindex",
        "null",
        "numbers",
        "numbers_mt",
        "primes",
        "prometheusquery",
        "prometheusqueryrange",
        "sqlstandardvalues",
        "timeseriesdata",
        "timeseriesmetricfamilies",
        "timeseriesmetrics",
        "timeseriessamples",
        "timeseriesselector",
        "timeseriestags",
        "values",
        "view",
        "viewexplain",
        "viewifpermitted",
        "zeros",
        "zeros_mt",
    }
)
"""Table functions that reach nothing but our tables."""


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Give an engine with a folder of its own."""
    with Engine(tmp_path_factory.mktemp("engine") / "store") as engine:
        yield engine


@pytest.mark.parametrize("database", ["", "default", "system"])
@pytest.mark.parametrize("qualifier", ["", "default."])
def test_a_name_is_never_the_path_of_a_file(
    engine: Engine, tmp_path: Path, database: str, qualifier: str
) -> None:
    """The engine's own default database would read any file by its name."""
    secret = tmp_path / "secret.csv"
    secret.write_text("hidden\n")
    with pytest.raises(EngineError) as refused:
        engine.run(Ask(f"SELECT * FROM {qualifier}`{secret}`", database=database))  # noqa: S608  the attack
    assert refused.value.number == 60


def test_every_table_function_of_the_engine_is_known(engine: Engine) -> None:
    """A new engine may bring functions that reach outside; each is sorted before it is used."""
    names = set(engine.command("SELECT lower(name) FROM system.table_functions").split("\n"))
    assert names - OUTSIDE - INSIDE == set()
    assert OUTSIDE.isdisjoint(INSIDE)


def test_an_insert_that_fails_at_its_end_says_so_and_succeeds_later(engine: Engine) -> None:
    """Under the same token: what failed was not remembered as done, and what was done is."""
    migrate(engine.command, "rapt")
    rows = [fact(1, t_s=t_s) for t_s in range(100)]
    month_later = msgspec.structs.replace(rows[0], ts=rows[0].ts + timedelta(days=40))
    columns = ", ".join(f"`{name}`" for name in column_names("facts"))
    insert = Ask(
        f"INSERT INTO facts ({columns})",
        format="ArrowStream",
        settings={"insert_deduplication_token": "one"},
        database="rapt",
        data=arrow_stream("facts", [*rows, month_later], batch=1),
    )
    only_one_month = {"max_partitions_per_insert_block": "1", **(insert.settings or {})}
    with pytest.raises(EngineError, match="partitions"):
        engine.run(replace(insert, settings=only_one_month))
    for _ in range(2):
        assert engine.run(insert).rows_written == 101
        assert engine.command("SELECT count() FROM facts", database="rapt") == "101"
