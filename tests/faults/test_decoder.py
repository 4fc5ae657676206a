"""Damaged pictures never end the process, never take long, never hold memory."""

from pathlib import Path

import pytest

from benchmarks.breaking.decoding import IN_ONE_CHILD, Report, decode_in_a_child

MOST_MB = 256.0
"""Of one input at its worst: four megapixels, twice as sixteen-bit RGBA, take 64."""
LEFT_MB, LONG_LEFT_MB = 16.0, 32.0
"""A few thousand inputs leave 5, twenty thousand up to 5 or, as forty thousand do, 23 to 24: the
allocator keeps room for one large picture, or gives it back, and more inputs do not make it more.
"""
QUICK, LONG = 4000, 200_000


def fuzz(seed: int, first: int, inputs: int, note: Path, *, left_mb: float) -> Report:
    """Decode so many inputs in a child, which survives and lets go of its memory."""
    report = decode_in_a_child(seed, first, inputs, note)
    assert isinstance(report, Report), report
    assert report.inputs == sum(report.outcomes.values()) == inputs
    assert report.grown_mb < MOST_MB, report
    assert report.left_mb < left_mb, report
    return report


def test_a_few_thousand_damaged_pictures_are_answered(tmp_path: Path) -> None:
    """Each of them by a picture or a reason, and every reason comes up."""
    report = fuzz(1, 0, QUICK, tmp_path / "note", left_mb=LEFT_MB)
    assert {"picture", "not_an_image", "truncated", "too_many_pixels"} <= report.outcomes.keys()


@pytest.mark.long
@pytest.mark.parametrize("first", range(0, LONG, IN_ONE_CHILD))
def test_two_hundred_thousand_damaged_pictures_are_answered(first: int, tmp_path: Path) -> None:
    """A child of its own for every part, so that what one leaves behind is seen."""
    fuzz(20_261_120, first, IN_ONE_CHILD, tmp_path / "note", left_mb=LONG_LEFT_MB)
