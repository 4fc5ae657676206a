"""Ties a child's life to its parent's, then becomes the child.

`python -I -S leash.py PARENT_PID PROGRAM ARGUMENTS…`

Linux sends the child SIGTERM when its parent dies, even by SIGKILL: nothing outlives `./rapt up`.
The setting survives exec, so the process id that the parent knows stays the child's own.
It is set here, after exec; between fork and exec a parent with threads might deadlock.
"""

import ctypes
import os
import resource
import signal
import sys
from collections.abc import Sequence

MAX_FILES = 65_536
PR_SET_PDEATHSIG = 1  # <linux/prctl.h>
LARGE_PAGES = "glibc.malloc.hugetlb=1"
"""Where the kernel gives large pages to those who ask, ask: a network walks through its memory some
percent quicker. Other libraries of C, and older ones, pass over it."""


def leashed(command: Sequence[str]) -> list[str]:
    """Return the command that runs this one and does not outlive the calling process."""
    return [sys.executable, "-I", "-S", __file__, str(os.getpid()), *command]


def main() -> None:
    """Bind ourselves to the parent, then run the program."""
    parent, program = int(sys.argv[1]), sys.argv[2:]
    os.umask(0o077)  # names, films and facts are for whoever started us alone
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a crash writes no memory to a disk
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)  # each browser is an open file
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, MAX_FILES), most))
    os.environ.setdefault("GLIBC_TUNABLES", LARGE_PAGES)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it died before we were bound
        sys.exit(1)
    os.execvp(program[0], program)  # noqa: S606  no shell, on purpose


if __name__ == "__main__":
    main()
