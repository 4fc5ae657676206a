"""Which ports does a process, with everything that it started, open to other machines?"""

from contextlib import suppress
from pathlib import Path

from benchmarks.usage import tree_of

LISTEN = "0A"
LOOPBACK = ("0100007F", "00000000000000000000000001000000", "0000000000000000FFFF00000100007F")
"""127.0.0.1, ::1 and ::ffff:127.0.0.1 as the kernel writes them."""


def listening_elsewhere(pid: int) -> list[str]:
    """Return "pid: address" of every listening socket that is not on loopback; Linux only."""
    sockets = {
        inode: local for name in ("tcp", "tcp6") for inode, local in _listening(name).items()
    }
    found = []
    for member in tree_of(pid).started_s:
        for inode in _sockets_of(member):
            local = sockets.get(inode)
            if local is not None and not local.startswith(LOOPBACK):
                found.append(f"{member}: {local}")
    return found


def _listening(name: str) -> dict[str, str]:
    """Return the local address of each listening socket by its inode."""
    rows = [line.split() for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]]
    return {row[9]: row[1] for row in rows if row[3] == LISTEN}


def _sockets_of(pid: int) -> set[str]:
    found = set()
    with suppress(OSError):
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):
                target = str(descriptor.readlink())
                if target.startswith("socket:["):
                    found.add(target[8:-1])
    return found
