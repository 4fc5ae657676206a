"""Who may import whom, and what a file may look like."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGES = ("proto/rapt", "analytics", "inference", "gateway", "demo", "benchmarks", "tests")
MAX_LINES = 300
MAX_FUNCTION_LINES = 40
VAGUE_NAMES = frozenset({"utils", "util", "helpers", "helper", "common", "core", "base", "misc"})


def sources(repository: Path) -> list[Path]:
    """Return every Python file that a person wrote."""
    return [
        path
        for package in PACKAGES
        for path in sorted((repository / package).rglob("*.py"))
        if "_pb2" not in path.name and "migrations" not in path.parts
    ]


def test_import_rules_hold(repository: Path) -> None:
    """The contracts stand in pyproject.toml."""
    program = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [str(program), "--no-cache"], cwd=repository, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_no_file_is_longer_than_a_reader_can_hold(repository: Path) -> None:
    """Three hundred lines, and that is the limit, not the aim."""
    long = {
        str(path.relative_to(repository)): lines
        for path in sources(repository)
        if (lines := len(path.read_text().splitlines())) > MAX_LINES
    }
    assert long == {}


def test_every_function_fits_on_a_screen(repository: Path) -> None:
    """Forty lines, its docstring not counted."""
    long = {
        f"{path.relative_to(repository)}:{function.lineno} {function.name}": lines
        for path in sources(repository)
        for function in functions(path)
        if (lines := lines_of(function)) > MAX_FUNCTION_LINES
    }
    assert long == {}


def test_every_file_says_what_it_is_for(repository: Path) -> None:
    """Its first statement is a docstring; an empty `__init__.py` needs none."""
    silent = [
        str(path.relative_to(repository))
        for path in sources(repository)
        if path.read_text().strip() and ast.get_docstring(ast.parse(path.read_text())) is None
    ]
    assert silent == []


def test_no_file_has_a_name_that_says_nothing(repository: Path) -> None:
    """A name answers a question."""
    vague = [
        str(path.relative_to(repository))
        for path in sources(repository)
        if VAGUE_NAMES & {path.stem, path.parent.name}
    ]
    assert vague == []


@pytest.mark.parametrize("banned", ["from __future__ import annotations", "TYPE_CHECKING"])
def test_types_are_read_at_run_time(repository: Path, banned: str) -> None:
    """The libraries at our edges read them, so nothing may hide them."""
    ours = Path(__file__)
    hiding = [
        str(path) for path in sources(repository) if path != ours and banned in path.read_text()
    ]
    assert hiding == []


def test_only_the_entry_points_read_the_environment(repository: Path) -> None:
    """Everything else is told what it needs."""
    allowed = {"__main__.py", "environment.py", "leash.py"}  # all three are programs
    nosy = [
        str(path.relative_to(repository))
        for path in sources(repository)
        if path.name not in allowed
        and not {"tests", "benchmarks"} & set(path.relative_to(repository).parts)
        and reads_environment(path)
    ]
    assert nosy == []


def functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Return every function of a file."""
    nodes = ast.walk(ast.parse(path.read_text()))
    return [node for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def lines_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return how long a function is without its docstring."""
    assert function.end_lineno is not None
    lines = function.end_lineno - function.lineno + 1
    if ast.get_docstring(function) is not None:
        first = function.body[0]
        assert first.end_lineno is not None
        lines -= first.end_lineno - first.lineno + 1
    return lines


def reads_environment(path: Path) -> bool:
    """Tell whether a file touches `os.environ` or `os.getenv`."""
    return any(
        isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "os"
        and node.attr in {"environ", "getenv", "environb"}
        for node in ast.walk(ast.parse(path.read_text()))
    )
