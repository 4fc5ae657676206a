"""Other people's software, each in an environment of its own: rivals, reference clients.

A peer pins versions that contradict ours, so it never shares our environment. What it needs stands
in `pins/NAME.txt`, every package with its version and hashes, made from `pins/NAME.in` by

    uv pip compile --generate-hashes --no-header --python-version 3.11 NAME.in -o NAME.txt

The environment is made on first use in the user's cache, under a name that holds the hash of that
file: a changed pin makes a new one, and checkouts share them.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rapt.cli.environment import SetupFailed, base_python, find_uv, trusting
from rapt.errors import Misconfigured

REPOSITORY = Path(__file__).resolve().parents[1]
PINS = Path(__file__).with_name("pins")
READY = ".ready"
DIGITS = 12


@dataclass(frozen=True, slots=True)
class Peer:
    """One environment."""

    name: str
    folder: Path

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / "bin/python"

    @property
    def packages(self) -> Path:
        """Where its packages lie."""
        return next(self.folder.glob("lib/python3*/site-packages"))

    def program(self, name: str) -> Path:
        """Return one of its commands."""
        return self.folder / "bin" / name


def peer(name: str, environ: Mapping[str, str] = os.environ) -> Peer:
    """Return the environment of that name, made if it is not there yet.

    Raises:
        Misconfigured: nobody pins it, or it could not be installed; says what to do.
    """
    pins = PINS / f"{name}.txt"
    folder = _folder(name, environ)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the kernel frees it when its holder dies
        if not (folder / READY).exists():
            _make(folder, pins, environ)
    return Peer(name, folder)


def is_made(name: str, environ: Mapping[str, str] = os.environ) -> bool:
    """Return whether the environment is there already.

    Raises:
        Misconfigured: nobody pins it.
    """
    return (_folder(name, environ) / READY).exists()


def pinned(name: str, package: str = "") -> str:
    """Return the version that a peer has of a package; without one, of that of its own name.

    Raises:
        Misconfigured: nobody pins it.
    """
    wanted = f"{package or name}=="
    for line in _pins(name).read_text().splitlines():
        if line.startswith(wanted):
            return line.removeprefix(wanted).split()[0]
    raise Misconfigured(f"the peer {name} has no {package or name}")


def cache(environ: Mapping[str, str]) -> Path:
    """Return the folder of all environments."""
    if environ.get("RAPT_CACHE"):
        return Path(environ["RAPT_CACHE"]).absolute() / "peers"
    home = environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "rapt/peers"


def _folder(name: str, environ: Mapping[str, str]) -> Path:
    """Return where an environment is or will be.

    Raises:
        Misconfigured: nobody pins it.
    """
    digest = hashlib.sha256(_pins(name).read_bytes()).hexdigest()[:DIGITS]
    return cache(environ) / f"{name}-{digest}"


def _pins(name: str) -> Path:
    """Return the file of what a peer needs.

    Raises:
        Misconfigured: nobody pins it.
    """
    pins = PINS / f"{name}.txt"
    if not pins.is_file():
        known = ", ".join(sorted(path.stem for path in PINS.glob("*.txt")))
        raise Misconfigured(f"there is no peer {name}; known ones are {known}")
    return pins


def _make(folder: Path, pins: Path, environ: Mapping[str, str]) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    trusted = trusting(dict(environ))
    trusted.pop("VIRTUAL_ENV", None)
    try:
        uv = find_uv(REPOSITORY, trusted)
    except SetupFailed as error:
        raise Misconfigured(str(error)) from error
    python = str(folder / "bin/python")
    _call([uv, "venv", "--quiet", "--no-project", "--python", base_python(), folder], trusted)
    into = ["--require-hashes", "--no-deps", "--python", python, "-r", str(pins)]
    _call([uv, "pip", "install", "--quiet", *into], trusted)
    (folder / READY).touch()


def _call(command: Sequence[str | Path], environ: Mapping[str, str]) -> None:
    done = subprocess.run(  # noqa: S603 - our own arguments
        list(map(str, command)), env=environ, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        said = done.stderr.strip().splitlines()
        raise Misconfigured(
            f"{Path(command[0]).name} could not make an environment: {said[-1] if said else '?'};"
            " check the network and run it again"
        )
