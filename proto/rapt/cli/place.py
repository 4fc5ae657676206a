"""Where things are: the checkout, the data folder, and who holds it."""

import fcntl
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rapt.errors import Misconfigured

REPOSITORY = Path(__file__).resolve().parents[3]


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
def hold(data: Path) -> Iterator[None]:
    """Make the data folder and keep it for this process alone.

    The kernel frees the lock when its holder dies, so nothing stale is ever left.

    Raises:
        Misconfigured: another `./rapt up` holds it; says which.
    """
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(data / "up.lock", os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "r+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Misconfigured(
                f"the data folder {data} is in use by ./rapt up with process id"
                f" {file.read().strip() or 'unknown'}; stop that one, or choose another"
                " folder with --data"
            ) from error
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield
