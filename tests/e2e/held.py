"""A class that was held: the real demo as a user runs it, and the numbers that it wrote."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from tests.services import REPOSITORY, Services

CLASS_S = 240


@dataclass(frozen=True, slots=True)
class HeldClass:
    """What `./rapt demo --headless --json` said."""

    report: dict[str, Any]
    output: str
    exit_code: int

    @property
    def content_id(self) -> str:
        """The video that the class watched."""
        return str(self.report["content_id"])

    @property
    def heatmap(self) -> dict[str, Any]:
        """Its heatmap, as the demo read it."""
        found: dict[str, Any] = self.report["heatmap"]
        return found


def start_class(
    services: Services, json: Path, *, students: int, seconds: int
) -> subprocess.Popen[str]:
    """Begin a class before services that already run."""
    command = [sys.executable, "-m", "demo", "--headless", "--json", str(json)]
    command += ["--students", str(students), "--seconds", str(seconds)]
    command += ["--data", str(services.data), "--models", str(REPOSITORY / ".rapt/models")]
    return subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
    )


def end_class(process: subprocess.Popen[str], json: Path) -> HeldClass:
    """Wait for the end of the class and read what it wrote."""
    output, _ = process.communicate(timeout=CLASS_S)
    assert json.exists(), output
    return HeldClass(msgspec.json.decode(json.read_bytes()), output, process.returncode)
