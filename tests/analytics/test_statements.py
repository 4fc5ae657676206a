"""What is refused before the engine sees it."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.statements import (
    OUTSIDE,
    Refused,
    Statement,
    split_insert,
    split_script,
    take_apart,
    tokens,
)

gaps = st.sampled_from([" ", "\n", "\t", "/**/", "/* file( */", "-- '\n", "# x\n", "#!x\n"])


@given(
    name=st.sampled_from(sorted(OUTSIDE)),
    gap=st.lists(gaps, max_size=3).map("".join),
    quote=st.sampled_from(["", "`", '"']),
    upper=st.booleans(),
    may_write=st.booleans(),
)
def test_nothing_outside_is_reached_however_it_is_written(
    name: str, gap: str, quote: str, *, upper: bool, may_write: bool
) -> None:
    """Comments, quotes and case do not hide a function."""
    written = quote + (name.upper() if upper else name) + quote
    sql = f"SELECT * FROM{gap or ' '}{written}{gap}('x')"
    found = take_apart(sql, may_write=may_write)
    assert isinstance(found, Refused)
    assert found.code == 497


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        pytest.param("SELECT 1 INTO OUTFILE 'x'", 497, id="outfile"),
        pytest.param("SELECT 1 INTO/**/OUTFILE 'x'", 497, id="outfile behind a comment"),
        pytest.param("INSERT INTO t FROM INFILE 'x' FORMAT CSV", 497, id="infile"),
        pytest.param("SELECT 1; SELECT 2", 62, id="two statements"),
        pytest.param("SELECT $a$ ' $a$, file('x')", 62, id="heredoc hides a quote"),
        pytest.param("SELECT ‘ ' ’ , file('x')", 62, id="typographic quotes hide a quote"),  # noqa: RUF001  the point
        pytest.param(r"SELECT `fi\x6ce`('x')", 62, id="escape in a name"),
        pytest.param("SELECT 1 SETTINGS format_template_row='x'", 497, id="a file as a setting"),
        pytest.param("SELECT 1 SETTINGS `Output_Format_Schema`/**/= 'x'", 497, id="file to write"),
        pytest.param("SELECT 'unfinished", 62, id="unfinished text"),
        pytest.param("", 62, id="nothing"),
        pytest.param(" -- only a comment", 62, id="a comment"),
        pytest.param(";", 62, id="a semicolon"),
    ],
)
def test_refused_for_everybody(sql: str, code: int) -> None:
    """The writer may not do it either."""
    found = take_apart(sql, may_write=True)
    assert isinstance(found, Refused)
    assert found.code == code


@pytest.mark.parametrize(
    "sql",
    [
        "KILL QUERY WHERE 0",
        "DROP TABLE t",
        "INSERT INTO t VALUES (1)",
        "SET readonly = 0",
        "SYSTEM SHUTDOWN",
        "ALTER TABLE t DELETE WHERE 1",
        "USE system",
        "BACKUP TABLE t TO Null",
        "((DROP TABLE t",
    ],
)
def test_a_reader_only_reads(sql: str) -> None:
    """What does not begin like a question is refused with READONLY."""
    found = take_apart(sql, may_write=False)
    assert isinstance(found, Refused)
    assert found.code == 164


@pytest.mark.parametrize(
    ("sql", "form", "rest"),
    [
        pytest.param("SELECT 1", None, "SELECT 1", id="none"),
        pytest.param("SELECT 1 FORMAT Native", "Native", "SELECT 1", id="one"),
        pytest.param("SELECT 1\nformat JSON ;\n", "JSON", "SELECT 1", id="before a semicolon"),
        pytest.param("SELECT 'x FORMAT Y'", None, "SELECT 'x FORMAT Y'", id="in a text"),
        pytest.param("SELECT url, file FROM t", None, "SELECT url, file FROM t", id="columns"),
        pytest.param("SELECT 'file('", None, "SELECT 'file('", id="a text that looks like one"),
        pytest.param("(SELECT 1)", None, "(SELECT 1)", id="in brackets"),
        pytest.param("WITH 1 AS x SELECT x", None, "WITH 1 AS x SELECT x", id="with"),
    ],
)
def test_questions_pass_without_their_format(sql: str, form: str | None, rest: str) -> None:
    """A reader's question is kept as it is; its FORMAT is told apart."""
    assert take_apart(sql, may_write=False) == Statement("read", rest, form)


@pytest.mark.parametrize(
    ("head", "data"),
    [
        pytest.param(b"INSERT INTO t FORMAT Native\n", b"\x00\n(`\xff", id="native"),
        pytest.param(b"insert into `a`.`t` (`x`, y) Format CSV\r\n", b"1,2\n", id="two names"),
        pytest.param(
            b"INSERT INTO t (a) SETTINGS x='y format z' FORMAT Arrow\n", b"xx", id="a text"
        ),
        pytest.param(b"INSERT INTO t VALUES (1)", b"", id="values"),
    ],
)
def test_data_begins_after_the_format(head: bytes, data: bytes) -> None:
    """The statement is told apart from any bytes that follow it."""
    assert split_insert(head + data) == len(head)


@given(st.text(max_size=200))
def test_tokens_cover_everything_or_refuse(sql: str) -> None:
    """No character is skipped unseen: each is in a token, a gap, or an error."""
    try:
        seen = list(tokens(sql))
    except ValueError:
        return
    assert all(a.end <= b.start for a, b in itertools.pairwise(seen))
    assert all(t.start < t.end <= len(sql) for t in seen)


def test_a_script_is_split_outside_of_quotes() -> None:
    """Semicolons in texts and comments end nothing."""
    script = "CREATE a ';' ; -- x; y\nCREATE /* ; */ b;\n-- the end\n"
    assert split_script(script) == ["CREATE a ';'", "-- x; y\nCREATE /* ; */ b"]


@pytest.mark.parametrize(
    "sql",
    [
        "BACKUP TABLE t TO Null",
        "ATTACH TABLE t FROM '/etc' (a String) ENGINE = MergeTree ORDER BY a",
        "CREATE DATABASE d ENGINE = Overlay",
        "CREATE DATABASE d ENGINE/**/=/**/Filesystem",
        "CREATE TABLE t (a String) ENGINE = `Null`",
        "CREATE DICTIONARY d (a UInt8) PRIMARY KEY a",
        "CREATE FUNCTION f AS x -> x",
        "CREATE NAMED COLLECTION c AS a = 1",
        "CREATE OR REPLACE TABLE t (a UInt8) ENGINE = MergeTree ORDER BY a",
        "SYSTEM SHUTDOWN",
        "SYSTEM RELOAD CONFIG",
        "KILL QUERY WHERE 1",
        "SET max_memory_usage = 0",
        "USE system",
        "GRANT ALL ON *.* TO x",
        "RENAME TABLE a TO b",
        "CREATE",
    ],
)
def test_the_writer_changes_only_tables_of_ours(sql: str) -> None:
    """What leads out of our tables, or stops the engine, is for nobody."""
    found = take_apart(sql, may_write=True)
    assert isinstance(found, Refused)
    assert found.code == 497


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE DATABASE IF NOT EXISTS `rapt`",
        "CREATE TABLE IF NOT EXISTS t (a UInt8) ENGINE = ReplacingMergeTree(a) ORDER BY a",
        "ALTER TABLE t DELETE WHERE a = 1",
        "OPTIMIZE TABLE t FINAL",
        "SYSTEM STOP MERGES t",
        "DROP TABLE t",
        "INSERT INTO t SELECT 1",
    ],
)
def test_the_writer_may_do_what_we_need(sql: str) -> None:
    """Migrations, upkeep and erasing work."""
    assert isinstance(take_apart(sql, may_write=True), Statement)
