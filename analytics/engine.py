"""The embedded ClickHouse: one folder, one process, one handle per statement.

A handle keeps what `SET` and `USE` did, so nobody may get the handle of somebody else: each
statement opens its own, which takes a millisecond. The engine stays up while `_keep` is open.
Its own caps would be nine tenths of the machine; ours are written to a file that it reads at start.
"""

import fcntl
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Self
from urllib.parse import urlencode

import chdb
from rapt.errors import Misconfigured, RaptError

_INCOMING = "`rapt incoming`"  # a temporary table of one handle
_TARGET = re.compile(
    r"\s*INSERT\s+INTO\s+(?:TABLE\s+)?(?P<table>[\w.`]+)\s*(?P<columns>\([^()]*\))?\s*",
    re.IGNORECASE,
)
_CODE = re.compile(r"Code: (\d+)\. ")
_CONFIG = """<clickhouse>
  <timezone>UTC</timezone>
  <max_server_memory_usage>{memory}</max_server_memory_usage>
  <mark_cache_size>67108864</mark_cache_size>
  <index_mark_cache_size>16777216</index_mark_cache_size>
  <uncompressed_cache_size>0</uncompressed_cache_size>
  <background_pool_size>2</background_pool_size>
  <background_schedule_pool_size>4</background_schedule_pool_size>
  <background_common_pool_size>2</background_common_pool_size>
  <background_move_pool_size>1</background_move_pool_size>
  <background_fetches_pool_size>1</background_fetches_pool_size>
  <background_buffer_flush_schedule_pool_size>1</background_buffer_flush_schedule_pool_size>
  <background_message_broker_schedule_pool_size>1</background_message_broker_schedule_pool_size>
  <background_distributed_schedule_pool_size>1</background_distributed_schedule_pool_size>
  <merge_tree>
    <number_of_free_entries_in_pool_to_execute_mutation>1</number_of_free_entries_in_pool_to_execute_mutation>
    <number_of_free_entries_in_pool_to_lower_max_size_of_merge>1</number_of_free_entries_in_pool_to_lower_max_size_of_merge>
    <number_of_free_entries_in_pool_to_execute_optimize_entire_partition>1</number_of_free_entries_in_pool_to_execute_optimize_entire_partition>
  </merge_tree>
</clickhouse>
"""


class EngineError(RaptError):
    """The engine refused a statement; `number` is ClickHouse's own."""

    def __init__(self, number: int, message: str) -> None:
        super().__init__(message)
        self.number = number

    @classmethod
    def of(cls, error: Exception) -> "EngineError":
        """Read the number out of the engine's message."""
        text = str(error)
        found = _CODE.search(text)
        if found is None:
            return cls(1002, f"Code: 1002. DB::Exception: {text}")
        return cls(int(found.group(1)), text[found.start() :])


@dataclass(frozen=True, slots=True)
class Ask:
    """One statement with everything that belongs to it."""

    sql: str
    """Without a FORMAT clause."""
    format: str = "TabSeparated"
    """Of the answer, or of `data`."""
    params: Mapping[str, str] | None = None
    """Bound parameters by name."""
    settings: Mapping[str, str] | None = None
    """Settings by name; names are checked by the caller."""
    database: str = ""
    """Current database; empty = the engine's default."""
    data: bytes | None = None
    """Rows of an INSERT."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a statement gave."""

    body: bytes = b""
    rows_read: int = 0
    bytes_read: int = 0
    rows_written: int = 0
    bytes_written: int = 0


class Engine:
    """The engine of one folder. Thread-safe: statements run side by side."""

    def __init__(self, data: Path, *, max_memory_bytes: int = 0) -> None:
        self._data = data.resolve()
        self._max_memory_bytes = max_memory_bytes or default_memory_bytes()
        self._lock: IO[str] | None = None
        self._keep: Any = None  # chdb has no types
        self._url = ""

    def open(self) -> None:
        """Take the folder and start the engine.

        Raises:
            Misconfigured: another process owns the folder, or it is damaged.
        """
        self._data.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = self._beside(".lock").open("a+")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            owner = lock.read().strip() or "unknown"
            lock.close()
            raise Misconfigured(
                f"{self._data} is already served by process {owner}; stop it or set another folder"
            ) from error
        lock.seek(0)
        lock.truncate()
        lock.write(str(os.getpid()))
        lock.flush()
        self._lock = lock
        config = self._beside(".xml")
        config.write_text(_CONFIG.format(memory=self._max_memory_bytes))
        self._url = f"{self._data}?{urlencode({'config-file': str(config)})}"
        try:
            self._keep = chdb.connect(self._url)
        except RuntimeError as error:
            raise Misconfigured(
                f"the engine can not open {self._data}: {EngineError.of(error)}; put back a copy of"
                " the folder, or move it away to begin with an empty one"
            ) from error
        # The engine's own `default` takes every unknown table name for the path of a file.
        self._keep.query("DROP DATABASE default")
        self._keep.query("CREATE DATABASE default ENGINE = Memory")

    def close(self) -> None:
        """Stop the engine and give the folder back."""
        if self._keep is not None:
            self._keep.close()
            self._keep = None
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def run(self, ask: Ask) -> Answer:
        """Run one statement on a handle of its own.

        Raises:
            EngineError: the engine said no.
        """
        handle = chdb.connect(self._url)
        try:
            if ask.database:
                handle.query(f"USE {_name(ask.database)}")
            if ask.settings:
                values = ", ".join(f"{k}={_text(v)}" for k, v in ask.settings.items())
                handle.query(f"SET {values}")
            if ask.data is not None:
                return _insert(handle, ask)
            result = handle.query(ask.sql, ask.format, dict(ask.params or {}))
            return Answer(
                body=bytes(result.bytes() or b""),
                rows_read=int(result.storage_rows_read()),
                bytes_read=int(result.storage_bytes_read()),
            )
        except RuntimeError as error:  # chdb.ChdbError is one, too
            raise EngineError.of(error) from error
        finally:
            handle.close()

    def command(self, sql: str, *, database: str = "") -> str:
        """Run a statement of our own and return its answer as text without the last line end."""
        return self.run(Ask(sql, database=database)).body.decode().rstrip("\n")

    def _beside(self, suffix: str) -> Path:
        """Return the path of a file beside the folder."""
        return self._data.with_name(self._data.name + suffix)


def default_memory_bytes() -> int:
    """Return the smaller of 1.5 GB and a quarter of the machine."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return min(1_500_000_000, machine // 4)


def _insert(handle: Any, ask: Ask) -> Answer:  # chdb has no types
    """Push the rows into memory, then move them into their table in one statement.

    A push straight into the table says that it is done even where it failed, on a full disk for
    one; a statement says what went wrong.
    """
    target = _TARGET.fullmatch(ask.sql)
    if target is None:
        raise EngineError(62, "Code: 62. DB::Exception: INSERT needs the name of a table")
    table, columns = target["table"], target["columns"] or ""
    handle.query(f"CREATE TEMPORARY TABLE {_INCOMING} AS {table} ENGINE = Memory")
    with handle.send_insert(f"INSERT INTO {_INCOMING} {columns}", ask.format) as insert:
        insert.append(ask.data)
        done = insert.finish()
    staged = handle.query(f"SELECT count() FROM {_INCOMING}", "TabSeparated")  # noqa: S608  our own name
    if int(staged.bytes()) != int(done.rows_written):
        raise EngineError(241, "Code: 241. DB::Exception: The rows do not fit into memory")
    names = columns.strip("()") or "*"
    handle.query(
        f"INSERT INTO {table} {columns} SELECT {names} FROM {_INCOMING}"  # noqa: S608  the writer's own statement
        " SETTINGS max_threads = 1, max_insert_threads = 1"  # one block, so that one token fits
    )
    return Answer(rows_written=int(done.rows_written), bytes_written=int(done.bytes_written))


def _text(value: str) -> str:
    """Quote a value."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _name(value: str) -> str:
    """Quote a name."""
    return "`" + value.replace("\\", "\\\\").replace("`", "\\`") + "`"
