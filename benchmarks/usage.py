"""How much processor time and memory each service takes, from /proc; nothing elsewhere."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Usage:
    """One process at one moment."""

    cpu_s: float
    """Processor seconds since it started."""
    memory_mb: float
    """Resident now."""


def usage_of(pids: Mapping[str, int]) -> dict[str, Usage]:
    """Measure each process that is there, by its name."""
    found = {name: _usage(Path(f"/proc/{pid}")) for name, pid in pids.items()}
    return {name: usage for name, usage in found.items() if usage is not None}


def _usage(process: Path) -> Usage | None:
    try:
        fields = (process / "stat").read_text().rpartition(")")[2].split()
        pages = int((process / "statm").read_text().split()[1])
    except (OSError, IndexError, ValueError):
        return None
    ticks = int(fields[11]) + int(fields[12])  # user and system time
    return Usage(
        cpu_s=ticks / os.sysconf("SC_CLK_TCK"),
        memory_mb=round(pages * os.sysconf("SC_PAGE_SIZE") / 1e6, 1),
    )
