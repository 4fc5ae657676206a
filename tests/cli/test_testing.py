"""`./rapt test`: what runs, what is reported, and what a skip means under `--strict`."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from rapt.cli.place import Place
from rapt.cli.testing import (
    Check,
    Scope,
    checks_of,
    chromium_of,
    run_checks,
    run_pytest,
    selection_of,
    warn_about_chromium,
)
from rich.console import Console


def check(name: str, folder: Path, program: str) -> Check:
    """Return a check that runs a line of Python."""
    return Check(name, (sys.executable, "-c", program), folder, {})


def test_every_failed_check_is_named_with_what_it_said(tmp_path: Path) -> None:
    """One failure does not hide the next."""
    shown = io.StringIO()
    checks = [
        check("first", tmp_path, "print('line 7 is wrong'); raise SystemExit(1)"),
        check("second", tmp_path, ""),
        check("third", tmp_path, "raise SystemExit('also wrong')"),
    ]
    assert run_checks(checks, Console(file=shown)) == ["first", "third"]
    assert "line 7 is wrong" in shown.getvalue()
    assert "also wrong" in shown.getvalue()
    assert "✓ second" in shown.getvalue()


def test_the_checks_are_those_of_the_house(repository: Path) -> None:
    """Style, types, imports, spelling, generated files, and the web app's own."""
    names = {one.name for one in checks_of(Place(environ={}, repository=repository))}
    assert names == {
        *("mypy", "ruff check", "ruff format", "lint-imports", "codespell", "generated"),
        *("web check", "web test"),
    }


def test_a_pattern_is_a_path_or_a_word(repository: Path) -> None:
    """Both may be given at once."""
    told = selection_of(("tests/cli", "heatmap", "retention"), repository)
    assert told == ["tests/cli", "-k", "heatmap or retention"]
    assert selection_of(("tests/cli/test_app.py::test_x",), repository) == [
        "tests/cli/test_app.py::test_x"
    ]


def test_chromium_is_the_one_that_was_named(tmp_path: Path) -> None:
    """Or the first on the path, or none."""
    browser = tmp_path / "chromium"
    browser.touch(mode=0o755)
    assert chromium_of(Place(environ={"PATH": str(tmp_path)})) == str(browser)
    assert chromium_of(Place(environ={"RAPT_CHROMIUM": str(browser), "PATH": ""})) == str(browser)
    assert chromium_of(Place(environ={"RAPT_CHROMIUM": "/nowhere", "PATH": str(tmp_path)})) is None
    assert chromium_of(Place(environ={"PATH": "/nowhere"})) is None


def test_a_missing_chromium_is_said_loudly() -> None:
    """With how to get one."""
    shown = io.StringIO()
    warn_about_chromium(Place(environ={"PATH": "/nowhere"}), Console(file=shown))
    assert "LEFT OUT" in shown.getvalue()
    assert "RAPT_CHROMIUM" in shown.getvalue()


SUITE = """
import pytest

@pytest.mark.skip(reason="there is no Chromium")
def test_in_a_browser() -> None: ...

@pytest.mark.long
def test_for_hours() -> None:
    raise AssertionError

def test_quick() -> None: ...
"""


QUICKLY = [
    part for name in ("cacheprovider", "faker", "playwright") for part in ("-p", f"no:{name}")
]


def run_suite(folder: Path, repository: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run three small tests under our conftest."""
    (folder / "pytest.ini").write_text("[pytest]\nmarkers =\n    long: hours\n")
    (folder / "conftest.py").write_text((repository / "tests/conftest.py").read_text())
    (folder / "test_suite.py").write_text(SUITE)
    command = [sys.executable, "-P", "-m", "pytest", *QUICKLY, *options]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_a_skip_is_reported(tmp_path: Path, repository: Path) -> None:
    """Loudly, with how often and why, and it is no failure."""
    loose = run_suite(tmp_path, repository)
    assert loose.returncode == 0, loose.stdout
    assert "LEFT OUT" in loose.stdout
    assert "1 tests: Skipped: there is no Chromium" in loose.stdout


@pytest.mark.parametrize("workers", [(), ("-n", "1")], ids=["here", "on a worker"])
def test_a_skip_fails_a_strict_run(
    tmp_path: Path, repository: Path, workers: tuple[str, ...]
) -> None:
    """Whoever ran it."""
    assert run_suite(tmp_path, repository, "--strict-skips", *workers).returncode == 1


def test_long_tests_run_only_when_asked_for(tmp_path: Path, repository: Path) -> None:
    """Left out, not skipped: `--strict` has nothing against it."""
    assert "1 deselected" in run_suite(tmp_path, repository).stdout
    assert "1 failed" in run_suite(tmp_path, repository, "--long").stdout


MOODY = """
from pathlib import Path

import pytest

@pytest.mark.parametrize("case", ["a@b [c]"])
def test_moody(case: str) -> None:
    seen = Path(__file__).with_name("seen")
    times = len(seen.read_text()) if seen.exists() else 0
    seen.write_text("x" * (times + 1))
    assert times >= {failures}

def test_good() -> None: ...
"""


@pytest.mark.parametrize(("failures", "passes"), [(1, True), (2, False)])
def test_what_failed_is_heard_once_more_alone(
    failures: int,
    passes: bool,  # noqa: FBT001 - a parameter
    tmp_path: Path,
    repository: Path,
) -> None:
    """And is named; who fails again has failed."""
    (tmp_path / "pytest.ini").write_text(
        "[pytest]\nmarkers =\n    long: hours\nasyncio_default_fixture_loop_scope = function\n"
        f"addopts = {' '.join(QUICKLY)}"
    )
    tests = tmp_path / "tests"
    tests.mkdir()
    (tests / "conftest.py").write_text((repository / "tests/conftest.py").read_text())
    (tests / "test_moody.py").write_text(MOODY.replace("{failures}", str(failures)))
    shown = io.StringIO()
    place = Place(environ=dict(os.environ), repository=tmp_path)
    console = Console(file=shown, width=200)
    assert (run_pytest(place, Scope(), console) == []) is passes
    assert "test_moody.py::test_moody[a@b [c]]" in shown.getvalue()
    assert "test_good" not in shown.getvalue()


@pytest.mark.parametrize("option", ["--long", "--strict"])
def test_the_options_are_explained(option: str, repository: Path) -> None:
    """In the README's command."""
    command = [sys.executable, "-P", "-m", "rapt", "test", "--help"]
    done = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=True)
    assert option in done.stdout
