"""Where do models and their sources lie on this machine?"""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Places:
    """Folders, and where to ask for what they lack."""

    models: Path
    """Folder of the built models."""
    cache: Path
    """Folder of the sources, shared by every checkout of the user."""
    mirror: Path | None = None
    """Folder that is asked for sources, under their base names, before the network is."""
    uv_index: str | None = None
    """Package index that only uv was told about."""
