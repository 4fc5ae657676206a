"""One builder at a time."""

import fcntl
from contextlib import suppress
from pathlib import Path

from inference.models.lock import only_builder


def is_free(cache: Path) -> bool:
    """Say whether somebody else could build now."""
    with (cache / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def test_nobody_else_builds_meanwhile(tmp_path: Path) -> None:
    """The lock is held inside the block and free behind it, though the block failed."""
    with suppress(KeyboardInterrupt), only_builder(tmp_path / "cache"):
        assert not is_free(tmp_path / "cache")
        raise KeyboardInterrupt
    assert is_free(tmp_path / "cache")
