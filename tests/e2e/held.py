"""A class that was held: the real demo as a user runs it, and the numbers that it wrote."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from tests.services import REPOSITORY, Services

CLASS_S = 240
SLOW = "capture to verdict takes"


@dataclass(frozen=True, slots=True)
class HeldClass:
    """What `./rapt demo --headless --json` said."""

    report: dict[str, Any]
    output: str
    exit_code: int

    @property
    def is_sound(self) -> bool:
        """Whether the demo found nothing off but, at most, how long verdicts took.

        For classes in which a service is begun again: on two cores that costs the others time.
        """
        found = [line for line in self.output.splitlines() if line.startswith("✗")]
        return self.exit_code == 0 or (found != [] and all(SLOW in line for line in found))

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
