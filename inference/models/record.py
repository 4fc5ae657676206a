"""What was built, out of what, and is it still there? One small file beside the models.

The check reads the record and hashes the models (about 6 MB): no model library is imported.
"""

from collections.abc import Collection
from pathlib import Path

import msgspec

from inference.models.files import is_intact, put
from inference.models.manifest import Manifest, Model

RECORD_NAME = "built.json"


class Built(msgspec.Struct, frozen=True):
    """One built model."""

    file: str
    key: str
    """What its bytes depended on; see `Manifest.key`."""
    sha256: str
    bytes: int


class Record(msgspec.Struct, frozen=True):
    """Everything that was built into one folder."""

    cache: str = ""
    """Folder that held the sources then; pictures are still read from there."""
    models: dict[str, Built] = {}


def read_record(folder: Path) -> Record:
    """Return the record; an absent or damaged one is an empty one, so that we build anew."""
    try:
        return msgspec.json.decode((folder / RECORD_NAME).read_bytes(), type=Record)
    except (OSError, msgspec.DecodeError):
        return Record()


def write_record(folder: Path, record: Record) -> None:
    """Put the record in place."""
    data = msgspec.json.format(msgspec.json.encode(record), indent=2)
    put(folder / RECORD_NAME, data + b"\n")


def is_current(folder: Path, manifest: Manifest, model: Model, record: Record) -> bool:
    """Say whether the model was built from today's manifest and is unharmed."""
    built = record.models.get(model.name)
    if built is None or built.key not in {manifest.key(form) for form in model.forms}:
        return False
    return is_intact(folder / built.file, size_bytes=built.bytes, sha256=built.sha256)


def forget(folder: Path, names: Collection[str]) -> None:
    """Take built models away; what is not there is passed over."""
    record = read_record(folder)
    kept = {name: built for name, built in record.models.items() if name not in names}
    write_record(folder, msgspec.structs.replace(record, models=kept))
    for name in record.models.keys() - kept.keys():
        (folder / record.models[name].file).unlink(missing_ok=True)


def is_noted(folder: Path, cache: Path) -> bool:
    """Say whether the record names this cache, where pictures are looked for."""
    return read_record(folder).cache == str(cache)
