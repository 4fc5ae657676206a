"""Who may build now? One at a time for each cache; the others wait and find nothing left to do."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def only_builder(cache: Path) -> Iterator[None]:
    """Wait until nobody else builds with this cache; the kernel frees the lock of a dead one."""
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
