"""A crash writes nothing of our memory to a disk: pictures of people, names and keys are in it."""

import ctypes
import resource
import sys

PR_SET_DUMPABLE = 4  # <linux/prctl.h>


def leave_no_dump() -> None:
    """Forbid core dumps of this process, also those that the kernel hands to a program.

    On Linux other processes of the same person can not look into it either; root still can.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0)
