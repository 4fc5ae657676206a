"""Continuous integration runs the README's command and nothing that only it knows."""

import os
import shutil
import subprocess
from pathlib import Path


def test_ci_runs_the_test_command_strictly(repository: Path) -> None:
    """Under `--strict` a skip is a failure."""
    script = repository / ".ci/run"
    assert os.access(script, os.X_OK)
    assert "./rapt test --strict" in script.read_text()


def test_ci_is_a_script_that_bash_reads(repository: Path) -> None:
    """A wrong bracket would be found when it is too late."""
    bash = shutil.which("bash")
    assert bash is not None
    subprocess.run([bash, "-n", str(repository / ".ci/run")], check=True)
