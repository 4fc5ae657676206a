"""Rows on disk until the store has them.

A journal takes what is saved: each `append` is one record (length, checksum, rows) and one fsync.
`seal` turns the journal into a packed file that never changes again; its name is its deduplication
token, so whoever sends it, this process or a later one, sends the same token. A journal that a
killed process left is sealed at the next start up to its last whole record; a torn tail was never
acknowledged. Full means refuse: nothing here waits for the store.

Used from threads; one lock serialises everything.
"""

import errno
import fcntl
import os
import struct
import threading
import time
import uuid
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import msgspec
import structlog
from rapt.errors import Fault, Misconfigured, SpoolFull

from analytics.facts import Row

MAX_BYTES = 512 << 20  # a day of a hundred students; the store was away for longer: refuse
_HEAD = struct.Struct("<III")  # bytes of the rows, their checksum, their number
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}

log = structlog.get_logger(__name__)

_decoder = msgspec.msgpack.Decoder(list[Row])


@dataclass(frozen=True, slots=True, order=True)
class SpoolFile:
    """One sealed file. They sort by age."""

    path: Path
    token: str
    rows: int
    sealed_at_s: float
    """Seconds since 1970, from its name."""

    @classmethod
    def of(cls, path: Path) -> "SpoolFile":
        """Read the name "<ns>-<writer>-<sequence>.<rows>.rows"."""
        name, rows, _ = path.name.split(".")
        born, token = name.split("-", 1)
        return cls(path, token, int(rows), int(born) / 1e9)

    @property
    def batch(self) -> int:
        """Return the number of this flush, 64 bits: half the writer's, half the sequence."""
        writer, sequence = self.token.split("-")
        return int(writer[:8], 16) << 32 | int(sequence)


@dataclass(frozen=True, slots=True)
class Packed:
    """Checked rows, ready to be appended."""

    data: bytes
    rows: int


class Spool:
    """One folder of one process."""

    def __init__(self, folder: Path, *, max_bytes: int = MAX_BYTES) -> None:
        self._folder = folder
        self._max_bytes = max_bytes
        self._guard = threading.Lock()
        self._lock: IO[str] | None = None
        self._writer, self._sequence = uuid.uuid4().hex[:16], 0
        self._journal: IO[bytes] | None = None
        self._journal_bytes = self._journal_rows = 0
        self._sealed: dict[SpoolFile, int] = {}  # bytes of each, oldest first
        self._sealed_bytes = self._sealed_rows = self._broken_bytes = 0

    def open(self) -> None:
        """Take the folder; seal what a killed process left.

        Raises:
            Misconfigured: another process uses it.
        """
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = (self._folder / "lock").open("a")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.close()
            raise Misconfigured(
                f"the spool {self._folder} is in use; give each process its own folder"
            ) from error
        self._lock = lock
        for torn in self._folder.glob("*.part"):
            torn.unlink()
        for journal in sorted(self._folder.glob("*.journal")):
            self._pack(journal)
        for file in sorted(SpoolFile.of(path) for path in self._folder.glob("*.rows")):
            self._add(file)
        self._broken_bytes = sum(path.stat().st_size for path in self._folder.glob("*.broken"))

    def close(self) -> None:
        """Give the folder back. What is not sealed is sealed at the next start."""
        with self._guard:
            if self._journal is not None:
                self._journal.close()
                self._journal = None
            if self._lock is not None:
                self._lock.close()
                self._lock = None

    @property
    def held_bytes(self) -> int:
        """Return the bytes on disk."""
        return self._journal_bytes + self._sealed_bytes + self._broken_bytes

    @property
    def held_rows(self) -> int:
        """Return the rows that the store does not have yet."""
        return self._journal_rows + self._sealed_rows

    @property
    def journal_rows(self) -> int:
        """Return the rows that are saved and not sealed."""
        return self._journal_rows

    def append(self, parts: Sequence[Packed]) -> None:
        """Write all parts and make them durable with one fsync.

        Raises:
            SpoolFull: there is no room; none of the parts is kept.
        """
        data = b"".join(_HEAD.pack(len(p.data), zlib.crc32(p.data), p.rows) + p.data for p in parts)
        with self._guard:
            if self.held_bytes + len(data) > self._max_bytes:
                raise SpoolFull(f"{self.held_bytes} of {self._max_bytes} bytes wait for the store")
            journal = self._journal or self._new_journal()
            try:
                journal.write(data)
                os.fsync(journal.fileno())
            except OSError as error:
                self._cut_back(journal)
                if error.errno in _FULL:
                    raise SpoolFull(f"the disk of the spool is full: {error}") from error
                raise Fault(f"the spool can not be written: {error}") from error
            self._journal_bytes += len(data)
            self._journal_rows += sum(p.rows for p in parts)

    def seal(self) -> bool:
        """Turn the journal into a file to send; return whether there was one."""
        with self._guard:
            if self._journal is None:
                return False
            journal, self._journal = self._journal, None
            journal.close()
            self._journal_bytes = self._journal_rows = 0
            sealed = self._pack(Path(journal.name))
            if sealed is not None:
                self._add(SpoolFile.of(sealed))
            return True

    def waiting(self) -> list[SpoolFile]:
        """Return the sealed files, oldest first."""
        return list(self._sealed)

    def oldest(self) -> SpoolFile | None:
        """Return the file that has waited longest."""
        return next(iter(self._sealed), None)

    def read(self, file: SpoolFile) -> list[Row]:
        """Return the rows of a sealed file; a broken one is put aside and gives none."""
        try:
            plain = zlib.decompress(file.path.read_bytes())
            rows = [row for data, _ in _records(plain) for row in _decoder.decode(data)]
        except (zlib.error, msgspec.DecodeError) as error:
            rows = []
            log.error("spool_file_found_broken", file=file.path.name, error=str(error))  # noqa: TRY400  the message says all
        if len(rows) != file.rows:
            with self._guard:
                self._broken_bytes += self._drop(file)
                file.path.replace(file.path.with_suffix(".broken"))
            return []
        return rows

    def remove(self, file: SpoolFile) -> None:
        """Forget a file that the store has."""
        with self._guard:
            file.path.unlink(missing_ok=True)
            self._drop(file)

    def _add(self, file: SpoolFile) -> None:
        self._sealed[file] = file.path.stat().st_size
        self._sealed_bytes += self._sealed[file]
        self._sealed_rows += file.rows

    def _drop(self, file: SpoolFile) -> int:
        size_bytes = self._sealed.pop(file, 0)
        self._sealed_bytes -= size_bytes
        self._sealed_rows -= file.rows if size_bytes else 0
        return size_bytes

    def _new_journal(self) -> IO[bytes]:
        """Open the next journal; its name is durable before its first record."""
        name = f"{time.time_ns():020d}-{self._writer}-{self._sequence:08d}.journal"
        self._sequence += 1
        self._journal = (self._folder / name).open("xb", buffering=0)
        self._sync_folder()
        return self._journal

    def _cut_back(self, journal: IO[bytes]) -> None:
        """Remove a half-written record, so that the next one follows a whole one."""
        try:
            os.ftruncate(journal.fileno(), self._journal_bytes)
            journal.seek(self._journal_bytes)
        except OSError:
            log.exception("journal_not_cut_back")

    def _pack(self, journal: Path) -> Path | None:
        """Write the whole records of a journal to a sealed file, then remove the journal."""
        plain = journal.read_bytes()
        records = _records(plain)
        kept = sum(_HEAD.size + len(data) for data, _ in records)
        rows = sum(rows for _, rows in records)
        if kept < len(plain):
            log.warning("torn_record_dropped", file=journal.name, size_bytes=len(plain) - kept)
        sealed = None
        if records:
            sealed = journal.with_name(f"{journal.stem}.{rows}.rows")
            part = journal.with_suffix(".part")
            with part.open("wb") as file:
                file.write(zlib.compress(plain[:kept], level=1))
                file.flush()
                os.fsync(file.fileno())
            part.replace(sealed)
            self._sync_folder()
        journal.unlink()
        return sealed

    def _sync_folder(self) -> None:
        """Make names durable."""
        descriptor = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _records(plain: bytes) -> list[tuple[bytes, int]]:
    """Return data and row count of each whole record, up to the first torn one."""
    found, at = [], 0
    while at + _HEAD.size <= len(plain):
        size, checksum, rows = _HEAD.unpack_from(plain, at)
        data = plain[at + _HEAD.size : at + _HEAD.size + size]
        if len(data) != size or zlib.crc32(data) != checksum:
            break
        found.append((data, rows))
        at += _HEAD.size + size
    return found
