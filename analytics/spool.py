"""Rows on disk until the store has them.

A journal takes what is saved: each `append` is one record and one fsync. `seal` turns the journal
into a packed file that never changes again; its name is its deduplication token, so whoever sends
it, this process or a later one, sends the same token. A journal that a killed process left is
sealed at the next start up to its last whole record. Where there is no room for the packed file the
journal itself becomes the sealed one; where not even its name can be changed it waits for the next
seal. Full means refuse: nothing here waits for the store.

Used from threads; one lock serialises everything.
"""

import fcntl
import os
import threading
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import IO

import structlog
from rapt.errors import Fault, Misconfigured, SpoolFull

from analytics.facts import Row
from analytics.journal import Packed, Records, decoded, joined, write_all
from analytics.sealing import (
    FULL,
    SpoolFile,
    Unsealed,
    records_of,
    seal,
    sealed_files,
    sync_folder,
    write_sealed,
)

MAX_BYTES = 512 << 20  # a day of a hundred students; the store was away for longer: refuse

log = structlog.get_logger(__name__)


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
        self._unsealed: list[Unsealed] = []
        self._sealed: dict[SpoolFile, int] = {}  # bytes of each, oldest first
        self._sealed_bytes = self._sealed_rows = self._broken_bytes = 0

    def open(self) -> None:
        """Take the folder; seal what a killed process left.

        Raises:
            Misconfigured: another process uses it, or it can not be written.
        """
        try:
            self._take_folder()
            for torn in self._folder.glob("*.part"):
                torn.unlink()
            for journal in sorted(self._folder.glob("*.journal")):
                size_bytes = journal.stat().st_size
                self._unsealed.append(Unsealed(journal, size_bytes, 0))
            self._seal_all()
            for file in sorted(sealed_files(self._folder)):
                self._add(file)
        except OSError as error:
            self.close()
            raise Misconfigured(
                f"the spool {self._folder} can not be used: {error.strerror}; give it a folder that"
                " can be written"
            ) from error
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
        unsealed_bytes = sum(journal.size_bytes for journal in self._unsealed)
        return self._journal_bytes + unsealed_bytes + self._sealed_bytes + self._broken_bytes

    @property
    def held_rows(self) -> int:
        """Return the rows that the store does not have yet."""
        unsealed = sum(journal.rows for journal in self._unsealed)
        return self._journal_rows + unsealed + self._sealed_rows

    @property
    def journal_rows(self) -> int:
        """Return the rows that are saved and not sealed."""
        return self._journal_rows

    def append(self, parts: Sequence[Packed]) -> None:
        """Write all parts and make them durable with one fsync.

        Raises:
            SpoolFull: there is no room; none of the parts is kept.
            Fault: the disk does not take them; none of the parts is kept.
        """
        data = joined(parts)
        with self._guard:
            if self.held_bytes + len(data) > self._max_bytes:
                raise SpoolFull(f"{self.held_bytes} of {self._max_bytes} bytes wait for the store")
            try:
                journal = self._journal or self._new_journal()
                write_all(journal, data)
                os.fsync(journal.fileno())
            except OSError as error:
                self._cut_back()
                if error.errno in FULL:
                    raise SpoolFull(f"the disk of the spool is full: {error.strerror}") from error
                raise Fault(f"the spool can not be written: {error}") from error
            self._journal_bytes += len(data)
            self._journal_rows += sum(p.rows for p in parts)

    def seal(self) -> bool:
        """Turn the journal into a file to send; return whether there was one."""
        with self._guard:
            self._end_journal()
            return self._seal_all()

    def waiting(self) -> list[SpoolFile]:
        """Return the sealed files, oldest first."""
        return list(self._sealed)

    def oldest(self) -> SpoolFile | None:
        """Return the file that has waited longest."""
        return next(iter(self._sealed), None)

    def read(self, file: SpoolFile) -> list[Row]:
        """Return the rows of a sealed file; of a broken one none, what is whole of it comes anew.

        Raises:
            Fault: the disk does not give it.
        """
        try:
            records = records_of(file)
            parts = [rows for part in records.whole if (rows := decoded(part)) is not None]
            rows = [row for part in parts for row in part]
            if len(rows) == file.rows:
                return rows
            self._set_aside(file, records)
        except OSError as error:
            raise Fault(f"the spool can not be read: {error}") from error
        return []

    def remove(self, file: SpoolFile) -> None:
        """Forget a file that the store has.

        Raises:
            Fault: the disk keeps it; sending it once more does no harm.
        """
        with self._guard:
            try:
                file.path.unlink(missing_ok=True)
            except OSError as error:
                raise Fault(f"the spool can not be written: {error}") from error
            self._drop(file)

    def _take_folder(self) -> None:
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

    def _add(self, file: SpoolFile) -> None:
        self._drop(file)
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
        sync_folder(self._folder)
        return self._journal

    def _cut_back(self) -> None:
        """Remove a half-written record, so that the next one follows a whole one."""
        if self._journal is None:
            return
        try:
            os.ftruncate(self._journal.fileno(), self._journal_bytes)
            self._journal.seek(self._journal_bytes)
        except OSError:
            log.exception("journal_not_cut_back")
            self._end_journal()

    def _end_journal(self) -> None:
        """Put nothing more into the journal."""
        if self._journal is None:
            return
        journal, self._journal = self._journal, None
        journal.close()
        size_bytes, rows = self._journal_bytes, self._journal_rows
        self._unsealed.append(Unsealed(Path(journal.name), size_bytes, rows))
        self._journal_bytes = self._journal_rows = 0

    def _seal_all(self) -> bool:
        """Seal every journal that ended; one that the disk does not let us seal waits."""
        journals, self._unsealed = self._unsealed, []
        for journal in journals:
            try:
                sealed = seal(journal)
            except OSError as error:
                log.warning("journal_not_sealed", file=journal.path.name, reason=str(error))
                self._unsealed.append(journal)
            else:
                if sealed is not None:
                    self._add(SpoolFile.of(sealed))
        return bool(journals)

    def _set_aside(self, file: SpoolFile, records: Records) -> None:
        """Keep a broken file for a person, and seal anew what can be read of it."""
        counted = [
            Packed(part.data, len(rows))
            for part in records.whole
            if (rows := decoded(part)) is not None
        ]
        found = Records(tuple(counted), 0, 0)
        log.error("spool_file_found_broken", file=file.path.name, rows=file.rows, read=found.rows)
        with self._guard:
            broken = file.path.replace(file.path.with_suffix(".broken"))
            self._broken_bytes += self._drop(file)
            if found.rows:
                self._add(SpoolFile.of(write_sealed(broken, found)))
