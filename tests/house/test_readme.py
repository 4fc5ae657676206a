"""What the README and the documents say can be typed, and what they point at is there."""

import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from rapt.cli.benching import benchmarks_of

COMMANDS = ("up", "demo", "test", "doctor", "models", "bench", "top", "explain")
CALL = re.compile(r"\./rapt (?P<command>[a-z]+)(?P<rest>[^`\n|;&#]*)")
LINK = re.compile(r"\]\((?!https?://|#|mailto:)(?P<target>[^)#\s]+)")


def documents(repository: Path) -> list[Path]:
    """Return everything that a reader may follow."""
    return [repository / "README.md", *sorted((repository / "docs").rglob("*.md"))]


@cache
def options_of(command: str) -> set[str]:
    """Return the options that a command explains; those of `bench` are each benchmark's own."""
    done = subprocess.run(
        [sys.executable, "-P", "-m", "rapt", command, "--help"],
        capture_output=True,
        text=True,
        check=True,
        env={"COLUMNS": "300", "NO_COLOR": "1", "TERM": "dumb", "PATH": "/usr/bin:/bin"},
    )
    return set(re.findall(r"--[a-z][a-z-]*", done.stdout))


@pytest.mark.parametrize("command", COMMANDS)
def test_the_readme_names_every_command(repository: Path, command: str) -> None:
    """A stranger finds what there is."""
    assert f"./rapt {command}" in (repository / "README.md").read_text()


def test_every_command_that_is_shown_exists(repository: Path) -> None:
    """With the options that it is shown with."""
    wrong = [
        f"{path.name}: {call[0].strip()}"
        for path in documents(repository)
        for call in CALL.finditer(path.read_text())
        if call["command"] not in {*COMMANDS, "generate"}
        or (
            call["command"] != "bench"
            and not set(re.findall(r"--[a-z][a-z-]*", call["rest"])) <= options_of(call["command"])
        )
    ]
    assert wrong == []


def test_every_benchmark_that_is_shown_exists(repository: Path) -> None:
    """By the name that it is listed with."""
    shown = {
        call["rest"].split()[0]
        for path in documents(repository)
        for call in CALL.finditer(path.read_text())
        if call["command"] == "bench" and call["rest"].split()
    }
    assert {"NAME"} < shown <= {"NAME", *benchmarks_of(repository / "benchmarks")}


def test_every_link_leads_somewhere(repository: Path) -> None:
    """To a file of the checkout."""
    broken = [
        f"{path.name}: {link['target']}"
        for path in documents(repository)
        for link in LINK.finditer(path.read_text())
        if not (path.parent / link["target"]).exists()
    ]
    assert broken == []
