"""The `rapt` script at the root: it finds a Python or says in one sentence that there is none."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SHELL = shutil.which("dash") or "/bin/sh"


def programs(folder: Path, **scripts: str) -> Path:
    """Make a folder for PATH with what the launcher needs and these scripts."""
    folder.mkdir()
    for name in ("dirname",):
        found = shutil.which(name)
        assert found is not None
        (folder / name).symlink_to(found)
    for name, script in scripts.items():
        program = folder / name
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
    return folder


def launch(checkout: Path, path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the launcher of a checkout with this PATH."""
    return subprocess.run(
        [SHELL, str(checkout / "rapt"), *arguments],
        env={"PATH": str(path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.fixture
def checkout(tmp_path: Path, repository: Path) -> Path:
    """Return a folder with the launcher and an environment step that repeats what it is told."""
    folder = tmp_path / "with a space"
    (folder / "proto/rapt/cli").mkdir(parents=True)
    shutil.copy(repository / "rapt", folder / "rapt")
    step = folder / "proto/rapt/cli/environment.py"
    step.write_text("import sys\nprint(sys.argv[1:])\n")
    return folder


def test_the_launcher_is_plain_posix_shell(repository: Path) -> None:
    """Any shell reads it, and it may be run."""
    launcher = repository / "rapt"
    subprocess.run([SHELL, "-n", str(launcher)], check=True)
    assert os.access(launcher, os.X_OK)
    assert launcher.read_text().startswith("#!/bin/sh\n")


def test_a_missing_python_is_one_sentence(checkout: Path, tmp_path: Path) -> None:
    """It says what to install and nothing else."""
    done = launch(checkout, programs(tmp_path / "bin"), "up")
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("rapt: Python 3.11, 3.12, 3.13 or 3.14 is missing; install one")
    assert done.stderr.count("\n") == 1


def test_a_python_that_is_too_old_is_passed_over(checkout: Path, tmp_path: Path) -> None:
    """The version decides, not the name."""
    real = f'exec "{sys.executable}" "$@"'
    path = programs(tmp_path / "bin", **{"python3.12": "exit 1", "python3": real})
    assert launch(checkout, path, "doctor").returncode == 0


def test_arguments_arrive_unchanged(checkout: Path, tmp_path: Path) -> None:
    """Spaces and stars are not the shell's business."""
    path = programs(tmp_path / "bin", python3=f'exec "{sys.executable}" "$@"')
    done = launch(checkout, path, "up", "--data", "a b", "*")
    assert done.stdout.strip() == str([str(checkout), "up", "--data", "a b", "*"])


def test_a_python_of_the_made_environment_comes_first(checkout: Path, tmp_path: Path) -> None:
    """After the first launch no search is needed."""
    (checkout / ".venv/bin").mkdir(parents=True)
    ours = checkout / ".venv/bin/python"
    ours.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    ours.chmod(0o755)
    assert launch(checkout, programs(tmp_path / "bin", python3="exit 1")).returncode == 0
