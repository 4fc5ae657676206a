"""What the embedded engine reaches, and what it does not."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from analytics.engine import Ask, Engine, EngineError
from analytics.statements import OUTSIDE

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
