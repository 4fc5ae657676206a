"""How much processor time and memory each service takes, from /proc; nothing elsewhere."""

import os
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Usage:
    """One process at one moment."""

    cpu_s: float
    """Processor seconds since it started."""
    memory_mb: float
    """Resident now."""


@dataclass(frozen=True, slots=True)
class Tree:
    """A process and everything that it started, at one moment."""

    cpu_s: float
    """Processor seconds of all of them, and of children that have ended."""
    peak_mb: float
    """Sum of the most that each of them had resident; pages that they share count in each."""
    started_s: dict[int, float] = field(default_factory=dict)
    """When each was started, by process id: together they name a process for good."""


def usage_of(pids: Mapping[str, int]) -> dict[str, Usage]:
    """Measure each process that is there, by its name."""
    found = {name: _usage(PROC / str(pid)) for name, pid in pids.items()}
    return {name: usage for name, usage in found.items() if usage is not None}


def tree_of(pid: int) -> Tree:
    """Measure a process with its descendants; empty when it is gone."""
    children: dict[int, list[int]] = defaultdict(list)
    stats = {int(path.name): _stat(path) for path in PROC.glob("[0-9]*")}
    for one, fields in stats.items():
        if fields:
            children[int(fields[1])].append(one)
    members, queue = [], [pid] if stats.get(pid) else []
    while queue:
        members.append(queue.pop())
        queue += children[members[-1]]
    tick = os.sysconf("SC_CLK_TCK")
    return Tree(
        cpu_s=sum(sum(map(int, stats[one][11:15])) for one in members) / tick,
        peak_mb=round(sum(_peak_mb(PROC / str(one)) for one in members), 1),
        started_s={one: int(stats[one][19]) / tick for one in members},
    )


def _usage(process: Path) -> Usage | None:
    fields = _stat(process)
    try:
        pages = int((process / "statm").read_text().split()[1])
    except (OSError, IndexError, ValueError):
        return None
    if not fields:
        return None
    ticks = int(fields[11]) + int(fields[12])  # user and system time
    return Usage(
        cpu_s=ticks / os.sysconf("SC_CLK_TCK"),
        memory_mb=round(pages * os.sysconf("SC_PAGE_SIZE") / 1e6, 1),
    )


def _stat(process: Path) -> list[str]:
    """Return the fields after the name: state, parent, …; none when the process is gone."""
    try:
        return (process / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _peak_mb(process: Path) -> float:
    try:
        lines = (process / "status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(one.split()[1]) / 1000 for one in lines if one.startswith("VmHWM")), 0.0)
