"""Where things are: the checkout, the data folder, and who holds it."""

import fcntl
import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from rapt.errors import Misconfigured

REPOSITORY = Path(__file__).resolve().parents[3]
ENDING_S = 30.0  # for services whose `./rapt up` was killed: each stops within half of it
LOOK_AGAIN_S = 0.1


@dataclass(frozen=True, slots=True)
class Place:
    """The checkout and the environment variables that the command line was called with."""

    environ: Mapping[str, str]
    repository: Path = REPOSITORY

    @property
    def data(self) -> Path:
        """The data folder unless `--data` says otherwise."""
        return self.repository / ".rapt"

    @property
    def web(self) -> Path:
        """Sources of the web app."""
        return self.repository / "web"

    @property
    def pages(self) -> Path:
        """The built web app."""
        return self.web / "dist"

    @property
    def binaries(self) -> Path:
        """Programs of our environment."""
        return Path(sys.executable).parent


@contextmanager
def hold(data: Path, *, patience_s: float = ENDING_S) -> Iterator[int]:
    """Make the data folder and keep it for this process and its children alone; yield the lock.

    Children inherit the lock, and the kernel frees it when the last of its holders dies: nothing
    stale is ever left, and nobody starts while the services of a killed `./rapt up` still end.

    Raises:
        Misconfigured: another `./rapt up` holds it, which is named, or it can not be written.
    """
    with naming(data):
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(data / "up.lock", os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "r+") as file:
        _lock(file, data, patience_s)
        with naming(data):
            file.seek(0)
            file.truncate(0)
            file.write(f"{os.getpid()}\n")
            file.flush()
        yield descriptor


@contextmanager
def naming(data: Path) -> Iterator[None]:
    """Say of a failure of the disk which folder it is about.

    Raises:
        Misconfigured: the folder is full or can not be written.
    """
    try:
        yield
    except OSError as error:
        raise Misconfigured(
            f"the data folder {data} can not be used: {error.strerror}; choose another one with"
            " --data"
        ) from error


def _lock(file: IO[str], data: Path, patience_s: float) -> None:
    late_s = time.monotonic() + patience_s
    while not _is_ours(file):
        file.seek(0)
        owner = file.read().strip()
        if _is_alive(owner):
            raise Misconfigured(
                f"the data folder {data} is in use by ./rapt up with process id"
                f" {owner or 'unknown'}; stop that one, or choose another folder with --data"
            )
        if time.monotonic() > late_s:
            raise Misconfigured(
                f"the data folder {data} is in use by services of ./rapt up with process id"
                f" {owner}, which was killed; end them, or choose another folder with --data"
            )
        time.sleep(LOOK_AGAIN_S)


def _is_ours(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_alive(pid: str) -> bool:
    """Tell whether the process runs; of one that has not said its number yet, yes."""
    if not pid.isdecimal():
        return True
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
