"""What does a SQL statement do, as far as the store must know before it runs it?

Pure. The embedded engine has no users or grants, so what nobody may reach (files, other servers,
other processes) is refused here, by tokens and not by text: a comment may split `file/**/(`.
Where our tokens could differ from the engine's (heredocs, typographic quotes, escaped names), the
statement is refused; being too strict is harmless, only our own processes connect.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

_TOKEN = re.compile(
    r"""
    (?P<gap>[ \t\r\n\f\v]+|--[^\n]*|\#[ !][^\n]*|/\*.*?\*/)
    |(?P<text>'(?:[^'\\]|\\.|'')*')
    |(?P<quoted>`(?:[^`\\]|\\.|``)*`|"(?:[^"\\]|\\.|"")*")
    |(?P<word>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<number>[0-9][A-Za-z0-9_.]*)
    |(?P<sign>[!\#-&(-/:-@\[-_{-~])
    """,
    re.VERBOSE | re.DOTALL,
)

_OUTSIDE_WORDS = (
    "arrowflight arrowstream azureblobstorage azureblobstoragecluster azurequeue backup bigquery "
    "catboostevaluate clickhouse cluster clusterallreplicas cosn datalakecatalog deltalake "
    "deltalakeazure deltalakeazurecluster deltalakecluster deltalakelocal deltalakes3 "
    "deltalakes3cluster dictionary disk distributed embeddedrocksdb eval executable "
    "executable_pool executablepool file filecluster filelog filesystem fuzzjson fuzzquery gcs "
    "hdfs hdfscluster hive http hudi hudicluster iceberg icebergazure icebergazurecluster "
    "icebergcluster iceberghdfs iceberghdfscluster iceberglocal iceberglocalcluster icebergs3 "
    "icebergs3cluster infile input jdbc kafka keepermap loop materializedpostgresql merge mongodb "
    "mysql nats odbc oss paimon paimonazure paimonazurecluster paimoncluster paimonhdfs "
    "paimonhdfscluster paimonlocal paimons3 paimons3cluster postgresql python queryrunner rabbitmq "
    "redis remote remotesecure s3 s3cluster s3queue sqlite url urlcluster ytsaurus"
)
OUTSIDE = frozenset(_OUTSIDE_WORDS.split(" "))
"""Functions and engines that reach what is not a table of ours, in lower case."""

FILE_SETTINGS = (
    "format_",
    "input_format_record_errors",
    "output_format_schema",
)
"""How the names of settings begin that name files and addresses."""

READS = frozenset({"select", "with", "show", "describe", "desc", "exists", "explain"})
WRITES = frozenset({"insert", "alter", "optimize", "delete", "truncate"})
MAKES = frozenset({"database", "table"})
"""What may be made and dropped: no dictionary, function or named collection, they reach outside."""
SWITCHES = frozenset({"stop", "start", "flush"})
"""What may be told to the system."""


@dataclass(frozen=True, slots=True)
class Token:
    """One token: its kind, its text (names unquoted, in lower case), and where it stands."""

    kind: str
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a statement will not run."""

    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement, taken apart as far as the engine needs it."""

    kind: Literal["read", "insert", "other"]
    sql: str
    """Without the trailing FORMAT clause."""
    format: str | None
    """Named by the FORMAT clause, if there is one."""


def tokens(sql: str) -> Iterator[Token]:
    """Yield what is not space or comment.

    Raises:
        ValueError: a character that we do not know outside of quotes.
    """
    at = 0
    while at < len(sql):
        found = _TOKEN.match(sql, at)
        if found is None:
            raise ValueError(f"character {sql[at]!a} at {at} is not taken outside of quotes")
        kind, text = str(found.lastgroup), found.group()
        if kind == "quoted":
            text = text[1:-1].lower()
        elif kind == "word":
            text = text.lower()
        if kind != "gap":
            yield Token(kind, text, at, found.end())
        at = found.end()


def take_apart(sql: str, *, may_write: bool) -> Statement | Refused:
    """Return the statement, or why it is refused.

    Numbers are those of ClickHouse: 62 SYNTAX_ERROR, 164 READONLY, 497 ACCESS_DENIED.
    """
    try:
        seen = list(tokens(sql))
    except ValueError as error:
        return Refused(62, str(error))
    while seen and seen[-1].text == ";" and seen[-1].kind == "sign":
        seen.pop()
    if not seen:
        return Refused(62, "empty statement")
    refused = _reaches_outside(seen)
    if refused is not None:
        return refused
    first = next((t.text for t in seen if t.text != "("), "")
    if first not in READS and not may_write:
        return Refused(164, "this account only reads")
    if first not in READS and not _is_known_write(seen):
        return Refused(497, "this statement is not taken here")
    kind: Literal["read", "insert", "other"] = "read" if first in READS else "other"
    if first == "insert":
        kind = "insert"
    end, form = seen[-1].end, None
    if len(seen) > 2 and seen[-2].kind == "word" and seen[-2].text == "format":  # noqa: PLR2004  FORMAT and its name
        end, form = seen[-3].end, sql[seen[-1].start : seen[-1].end]
    return Statement(kind, sql[:end], form)


def _is_known_write(seen: list[Token]) -> bool:
    """Return whether a statement that changes something is one of those that we need."""
    words = [token.text for token in seen[:2]]
    match words:
        case ["create" | "drop", what]:
            engines = [seen[i + 2].text for i, t in enumerate(seen[:-2]) if t.text == "engine"]
            return what in MAKES and all(engine.endswith("mergetree") for engine in engines)
        case ["system", what]:
            return what in SWITCHES
        case [first, *_]:
            return first in WRITES
        case _:
            return False


def _reaches_outside(seen: list[Token]) -> Refused | None:
    """Return why the statement leaves our tables, or None."""
    for token, following in zip(seen, [*seen[1:], None], strict=True):
        if token.kind == "sign" and token.text in {"$", ";"}:
            return Refused(62, f"{token.text} is not taken here")
        if token.kind == "quoted" and "\\" in token.text:
            return Refused(62, "a name with an escape is not taken here")
        if token.kind not in {"word", "quoted"}:
            continue
        if token.text in OUTSIDE and following is not None and following.text == "(":
            return Refused(497, f"{token.text}() is not reachable here")
        if token.text.startswith(FILE_SETTINGS) and following is not None and following.text == "=":
            return Refused(497, f"setting {token.text} is not taken here")
        if token.text in {"outfile", "infile"} and token.kind == "word":
            return Refused(497, "files are not reachable here")
    return None


def split_insert(body: bytes) -> int:
    """Return where the data of an INSERT begins: after `FORMAT name` and one line end.

    The statement part ends within the first 64 KiB, or the whole body is the statement.
    """
    head = _INSERT_HEAD.match(body[:65536])
    return head.end() if head else len(body)


_INSERT_HEAD = re.compile(
    rb"\s*insert\s+into\s(?:[^`\"'(]|`[^`]*`|\"[^\"]*\"|\([^()]*(?:\([^()]*\)[^()]*)*\)|'[^']*')*?"
    rb"\bformat\s+\w+(?:[ \t]*\r?\n|[ \t]+|$)",
    re.IGNORECASE,
)


def split_script(script: str) -> list[str]:
    """Return the statements of a migration, split at the semicolons outside of quotes."""
    parts, start = [], 0
    for token in tokens(script):
        if token.kind == "sign" and token.text == ";":
            parts.append(script[start : token.start].strip())
            start = token.end
    parts.append(script[start:].strip())
    return [part for part in parts if any(True for _ in tokens(part))]
