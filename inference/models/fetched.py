"""Where does the cache keep a source, and is it there?"""

from pathlib import Path

from inference.models.files import is_intact
from inference.models.manifest import Source


def source_path(cache: Path, source: Source) -> Path:
    """Return where the cache keeps a source; another version of it would lie elsewhere."""
    return cache / source.sha256[:16] / source.file


def is_cached(cache: Path, source: Source) -> bool:
    """Say whether the cache holds the source, unharmed."""
    path = source_path(cache, source)
    return is_intact(path, size_bytes=source.bytes, sha256=source.sha256)
