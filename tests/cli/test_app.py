"""The commands: each explains itself, each error is one sentence."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

OURS = ("up", "test", "doctor", "bench", "generate", "top", "explain")


def rapt(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command line as the launcher does."""
    return subprocess.run(
        [sys.executable, "-P", "-m", "rapt", *arguments],
        env={**os.environ, "COLUMNS": "100", "NO_COLOR": "1", "TERM": "dumb"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_help_lists_every_command() -> None:
    """A stranger sees what there is and where to start."""
    shown = rapt("--help").stdout
    for command in (*OURS, "demo", "models"):
        assert f" {command} " in shown
    assert "./rapt demo" in shown


@pytest.mark.parametrize("command", OURS)
def test_help_of_a_command_has_an_example(command: str) -> None:
    """Nobody should have to guess how it is typed."""
    done = rapt(command, "--help")
    assert done.returncode == 0
    assert f"Example: ./rapt {command}" in done.stdout


@pytest.mark.parametrize("command", ["models", "demo"])
def test_help_of_a_program_of_its_own_is_its_own(command: str) -> None:
    """It is handed over, and builds nothing first."""
    done = rapt(command, "--help")
    assert done.returncode == 0, done.stderr
    assert "--help" in done.stdout


def test_an_unknown_command_is_refused() -> None:
    """With the usage, and exit status 2."""
    done = rapt("dance")
    assert done.returncode == 2
    assert "No such command 'dance'" in done.stderr


def test_an_unknown_benchmark_names_the_known_ones() -> None:
    """One sentence, exit status 1."""
    done = rapt("bench", "nothing")
    assert done.returncode == 1
    assert done.stderr.startswith("rapt: there is no benchmark nothing; known ones are ")


def test_a_wrong_address_is_one_sentence(tmp_path: Path) -> None:
    """No traceback reaches a person at a terminal."""
    done = rapt("up", "--no-setup", "--data", str(tmp_path), "--host", "192.0.2.1")
    assert done.returncode == 1
    assert "rapt: cannot listen on 192.0.2.1:8000" in done.stderr
    assert "Traceback" not in done.stderr
