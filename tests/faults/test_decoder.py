"""Damaged pictures never end the process, never take long, never hold memory."""

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from tests.faults.decoding import Report
from tests.services import REPOSITORY

MOST_MB = 256.0
"""Of one input at its worst: four megapixels, twice as sixteen-bit RGBA, take 64."""
LEFT_MB = 64.0
QUICK, LONG, IN_ONE_CHILD = 4000, 200_000, 20_000


def fuzz(seed: int, first: int, inputs: int, note: Path) -> Report:
    """Decode so many inputs in a child; its death names the input."""
    numbers = (seed, first, first + inputs)
    command = [sys.executable, "-m", "tests.faults.decoding", *map(str, numbers), str(note)]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    last = int.from_bytes(note.read_bytes(), "little") if note.exists() else None
    told = f"seed {seed}, input {last}, status {done.returncode}\n{done.stderr[-2000:]}"
    assert done.returncode == 0, told
    report = msgspec.json.decode(done.stdout, type=Report)
    assert report.inputs == sum(report.outcomes.values()) == inputs
    assert report.grown_mb < MOST_MB, f"{told}{report}"
    assert report.left_mb < LEFT_MB, f"{told}{report}"
    return report


def test_a_few_thousand_damaged_pictures_are_answered(tmp_path: Path) -> None:
    """Each of them by a picture or a reason, and every reason comes up."""
    report = fuzz(1, 0, QUICK, tmp_path / "note")
    assert {"picture", "not_an_image", "truncated", "too_many_pixels"} <= report.outcomes.keys()


@pytest.mark.long
@pytest.mark.parametrize("first", range(0, LONG, IN_ONE_CHILD))
def test_two_hundred_thousand_damaged_pictures_are_answered(first: int, tmp_path: Path) -> None:
    """A child of its own for every part, so that what one leaves behind is seen."""
    fuzz(20_261_120, first, IN_ONE_CHILD, tmp_path / "note")
