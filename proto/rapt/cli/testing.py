"""`./rapt test`: everything that must be true before a change may land.

First the checks that need no running service, two at a time; then the tests, on two workers;
then the tests of the whole, alone, because they measure time. All run even when one fails.

Tests start real workers, browsers and stores, and two at a time fill a small machine: one may be
late through no fault of its own. So what failed is heard once more, alone. What fails again has
failed; what does not is named, in yellow, for whoever wants to know why. More than a few at once
are not bad luck, and are not heard again.
"""

import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from rapt.cli.place import Place
from rapt.cli.setup import node_environ, prepare_models, prepare_pages
from rapt.leash import leashed

PACKAGES = ("proto/rapt", "analytics", "inference", "gateway", "demo", "benchmarks", "tests")
WORKERS = 2
TESTS_FAILED = 1
"""Exit status of pytest: everything ran, and something failed."""
MAX_HEARD_AGAIN = 3
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")


@dataclass(frozen=True, slots=True)
class Check:
    """A program that says yes by exit status 0."""

    name: str
    command: tuple[str, ...]
    folder: Path
    environ: dict[str, str]


@dataclass(frozen=True, slots=True)
class Scope:
    """What the person at the terminal asked for."""

    patterns: tuple[str, ...] = ()
    is_long: bool = False
    is_strict: bool = False


def run_tests(place: Place, scope: Scope, console: Console) -> bool:
    """Run all of it; return whether everything passed.

    Raises:
        Misconfigured: the web app or the models, which the tests need, can not be built.
    """
    started_s = time.monotonic()
    prepare_pages(place, console)
    prepare_models(place, place.data / "models")
    failed = [] if scope.patterns else run_checks(checks_of(place), console)
    failed += run_pytest(place, scope, console)
    elapsed_s = time.monotonic() - started_s
    warn_about_chromium(place, console)
    if failed:
        console.print(f"[red]failed after {elapsed_s:.0f} s:[/] {', '.join(failed)}")
    else:
        console.print(f"[green]everything passed[/] in {elapsed_s:.0f} s")
    return not failed


def checks_of(place: Place) -> list[Check]:
    """Return the checks, longest first."""
    packages = [name for name in PACKAGES if any((place.repository / name).rglob("*.py"))]
    python = {
        "mypy": ("mypy", *packages),
        "ruff check": ("ruff", "check", "."),
        "ruff format": ("ruff", "format", "--check", "."),
        "lint-imports": ("lint-imports",),
        "codespell": ("codespell",),
        "generated": ("python", "-P", "-m", "rapt", "generate", "--check"),
    }
    found = [
        Check(name, (str(place.binaries / program), *rest), place.repository, dict(place.environ))
        for name, (program, *rest) in python.items()
    ]
    if (place.web / "package.json").exists():
        node = node_environ(place)
        npm = shutil.which("npm", path=node.get("PATH")) or "npm"
        found.insert(1, Check("web check", (npm, "run", "check"), place.web, node))
        found.insert(2, Check("web test", (npm, "test"), place.web, node))
    return found


def run_checks(checks: Sequence[Check], console: Console) -> list[str]:
    """Run the checks, two at a time; return the names of those that failed."""

    def run(check: Check) -> str | None:
        started_s = time.monotonic()
        done = subprocess.run(
            leashed(check.command),
            cwd=check.folder,
            env=check.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        elapsed_s = time.monotonic() - started_s
        if done.returncode == 0:
            console.print(f"[green]✓[/] {check.name} ({elapsed_s:.1f} s)")
            return None
        console.print(f"[red]✗[/] {check.name} ({elapsed_s:.1f} s)")
        console.print(done.stdout, markup=False, highlight=False, soft_wrap=True)
        return check.name

    with ThreadPoolExecutor(WORKERS) as pool:
        return [name for name in pool.map(run, checks) if name is not None]


def run_pytest(place: Place, scope: Scope, console: Console) -> list[str]:
    """Run the tests; return the names of the runs that failed."""
    options = ["--durations=10"]
    options += ["--long"] if scope.is_long else []
    options += ["--strict-skips"] if scope.is_strict else []
    if scope.patterns:
        told = [*options, *selection_of(scope.patterns, place.repository)]
        return [] if _pytest(place, told) == 0 else ["tests"]
    parallel = ["-n", str(WORKERS), "--dist", "loadgroup", "--ignore=tests/e2e"]
    runs = {"tests": parallel, "tests of the whole": ["tests/e2e"]}
    if not (place.repository / "tests/e2e").exists():
        del runs["tests of the whole"]
    return [name for name, own in runs.items() if not _passes(place, options, own, console)]


def _passes(place: Place, options: Sequence[str], told: Sequence[str], console: Console) -> bool:
    """Run tests, and once more alone those few that failed."""
    with TemporaryDirectory(prefix="rapt-") as folder:
        listed = Path(folder) / "failed"
        status = _pytest(place, [*options, *told, f"--list-failed={listed}"])
        failed = listed.read_text().splitlines() if listed.exists() else []
    if status != TESTS_FAILED or not 0 < len(failed) <= MAX_HEARD_AGAIN:
        return status == 0
    console.print("\n[bold yellow]ONCE MORE, ALONE:[/]")
    console.print(*failed, sep="\n", style="yellow", markup=False, highlight=False)
    return _pytest(place, [*options, *failed]) == 0


def selection_of(patterns: Sequence[str], repository: Path) -> list[str]:
    """Turn what was asked for into pytest's words: paths as they are, words by name."""
    paths = [one for one in patterns if (repository / one.partition("::")[0]).exists()]
    words = [one for one in patterns if one not in paths]
    return [*paths, *(["-k", " or ".join(words)] if words else [])]


def chromium_of(place: Place) -> str | None:
    """Return the Chromium that the browser tests may use."""
    told = place.environ.get("RAPT_CHROMIUM")
    if told:
        return told if Path(told).exists() else None
    found = (shutil.which(name, path=place.environ.get("PATH")) for name in CHROMIUM_NAMES)
    return next((path for path in found if path is not None), None)


def warn_about_chromium(place: Place, console: Console) -> None:
    """Say loudly that the browser tests were left out, when they were."""
    if chromium_of(place) is None:
        console.print(
            "\n[bold yellow]LEFT OUT: every test in a browser, because there is no Chromium."
            "[/]\nInstall it (on Debian: apt-get install chromium) or name it with RAPT_CHROMIUM.\n"
        )


def _pytest(place: Place, told: Sequence[str]) -> int:
    """Return its exit status."""
    command = leashed([sys.executable, "-P", "-m", "pytest", *told])
    return subprocess.run(
        command, cwd=place.repository, env=dict(place.environ), check=False
    ).returncode
