"""For how long does Python stop a process that has answers to give? Briefly, after this.

Two things stop it for longer than a frame can wait:

Garbage. A full collection walks everything that is alive: 45 to 63 ms in a worker under load, 80 ms
in a gateway, whose libraries alone are 180,000 objects. What is alive when a process gets ready
stays so until it ends, and need not be walked again; and what frames leave behind holds no cycles,
so the collector may look for some less often. (In the store's process it takes 8 ms: left alone.)

The interpreter's lock. A thread that wants it waits up to 5 ms for another one that computes. A
device's thread wants it at both ends of every run, and the device stands idle meanwhile.
"""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

YOUNG, OLDER, OLDEST = 10_000, 20, 50
"""Objects that are new; collections of the young for each of the older, and of those for all."""
SWITCH_S = 0.0005
"""Longest wait for a thread that computes."""


@contextmanager
def short_pauses() -> Iterator[None]:
    """Keep them short from here, where everything lasting is loaded, to the end of the body."""
    thresholds, switch_s = gc.get_threshold(), sys.getswitchinterval()
    gc.freeze()
    gc.set_threshold(YOUNG, OLDER, OLDEST)
    sys.setswitchinterval(SWITCH_S)
    try:
        yield
    finally:
        sys.setswitchinterval(switch_s)
        gc.set_threshold(*thresholds)
        gc.unfreeze()
