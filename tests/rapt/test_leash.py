"""What a child inherits from being on the leash."""

import resource
import subprocess
import sys
from pathlib import Path

from rapt.leash import MAX_FILES, leashed

CHILD = """
import pathlib, resource
pathlib.Path("file").write_text("x")
pathlib.Path("folder").mkdir()
print(resource.getrlimit(resource.RLIMIT_CORE))
print(resource.getrlimit(resource.RLIMIT_NOFILE)[0])
"""


def test_what_a_child_writes_is_for_its_owner_alone(tmp_path: Path) -> None:
    """Whatever it is: database, films, facts; and a crash writes nothing."""
    command = leashed([sys.executable, "-c", CHILD])
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    core, files = done.stdout.splitlines()
    assert core == "(0, 0)"
    assert int(files) == min(resource.getrlimit(resource.RLIMIT_NOFILE)[1], MAX_FILES)
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "folder").stat().st_mode & 0o777 == 0o700
