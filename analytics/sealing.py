"""From a journal to a file that never changes again, and what such files are called.

The name is the deduplication token, so whoever sends a file, this process or a later one, sends the
same token. Where there is no room for the packed file the journal itself becomes the sealed one.
"""

import errno
import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import structlog

from analytics.journal import Records, joined, parted, unpacked, write_all

PACKED, PLAIN = ".rows", ".plain"
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}

log = structlog.get_logger(__name__)


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
class Unsealed:
    """A journal that takes nothing more."""

    path: Path
    size_bytes: int
    """Up to here everything is acknowledged, nothing after it is."""
    rows: int


def sealed_files(folder: Path) -> Iterator[SpoolFile]:
    """Return the sealed files of a folder; what has another name is somebody else's."""
    for suffix in (PACKED, PLAIN):
        for path in folder.glob(f"*{suffix}"):
            try:
                file = SpoolFile.of(path)
            except ValueError:
                log.warning("spool_file_of_unknown_name", file=path.name)
            else:
                yield file


def seal(journal: Unsealed) -> Path | None:
    """Write the whole records of a journal to a sealed file, then remove the journal.

    One with a harmed record is kept as `.broken` for a person.
    """
    records = parted(journal.path.read_bytes()[: journal.size_bytes])
    if records.torn_bytes:
        size_bytes = records.torn_bytes
        log.warning("torn_record_dropped", file=journal.path.name, size_bytes=size_bytes)
    sealed = write_sealed(journal.path, records) if records.whole else None
    if records.harmed:
        log.error("journal_found_broken", file=journal.path.name, records=records.harmed)
        journal.path.replace(journal.path.with_suffix(".broken"))
    else:
        journal.path.unlink(missing_ok=True)
    return sealed


def write_sealed(origin: Path, records: Records) -> Path:
    """Write records under the name of their origin, packed if there is room for it."""
    plain = joined(records.whole)
    sealed = origin.with_name(f"{origin.name.partition('.')[0]}.{records.rows}{PACKED}")
    part = origin.with_suffix(".part")
    try:
        with part.open("wb", buffering=0) as file:
            write_all(file, zlib.compress(plain, level=1))
            os.fsync(file.fileno())
        part.replace(sealed)
    except OSError as error:
        part.unlink(missing_ok=True)
        if error.errno not in FULL or origin.suffix != ".journal" or records.harmed:
            raise
        os.truncate(origin, len(plain))
        sealed = origin.replace(sealed.with_suffix(PLAIN))
    sync_folder(origin.parent)
    return sealed


def records_of(file: SpoolFile) -> Records:
    """Return what can be read of a sealed file."""
    stored = file.path.read_bytes()
    return parted(unpacked(stored) if file.path.suffix == PACKED else stored)


def sync_folder(folder: Path) -> None:
    """Make names durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
