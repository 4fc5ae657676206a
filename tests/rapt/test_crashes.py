"""What a crash leaves behind."""

import subprocess
import sys
from pathlib import Path

import pytest

CRASH = """
import ctypes, os, resource, sys
resource.setrlimit(resource.RLIMIT_CORE, (resource.getrlimit(resource.RLIMIT_CORE)[1],) * 2)
from rapt.crashes import leave_no_dump
leave_no_dump()
print(resource.getrlimit(resource.RLIMIT_CORE))
if sys.platform == "linux":
    print(ctypes.CDLL(None).prctl(3))
sys.stdout.flush()
os.abort()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux itself")
def test_a_crash_leaves_no_dump(tmp_path: Path) -> None:
    """Neither the limit nor the kernel's own flag lets one be written."""
    done = subprocess.run(
        [sys.executable, "-c", CRASH], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.stdout.split("\n")[:2] == ["(0, 0)", "0"]
    assert done.returncode < 0
    assert list(tmp_path.iterdir()) == []
