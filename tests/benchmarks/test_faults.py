"""What the benchmark of faults counts."""

import asyncio
import math

import pytest
from rapt.v1 import perception_pb2 as pb

from benchmarks.breaking.churning import slope_of
from benchmarks.breaking.student import Student
from benchmarks.faults import table_of


def test_the_slope_is_that_of_the_second_half() -> None:
    """The first half is warm-up, and a line has no error."""
    at_s = [float(second) for second in range(240)]
    held_mb = [500.0 if at < 120 else 400 + 0.5 * at for at in at_s]
    slope, error = slope_of(at_s, held_mb)
    assert slope == pytest.approx(0.5)
    assert error == pytest.approx(0, abs=1e-9)


def test_whoever_got_nothing_waits_for_ever() -> None:
    """A stream that is never measured again can not look quick."""
    student = Student(1, b"", [])
    student.verdicts_s += [1.0, 4.5]
    assert student.next_after_s(2.0) == 2.5
    assert student.next_after_s(4.5) == math.inf


def test_the_next_worker_is_told_what_is_not_on_disk() -> None:
    """The state, what is written, and what was seen since."""
    student, leave = Student(7, b"", []), asyncio.Event()
    for at_ms in (900, 1900, 2900):
        student._hear(pb.ObserveResponse(verdict=pb.Verdict(glance=pb.Glance(at_ms=at_ms))), leave)
    control = pb.Control(written=pb.Written(until_s=2, facts=2))
    student._hear(pb.ObserveResponse(control=control), leave)
    student._hear(pb.ObserveResponse(checkpoint=pb.Checkpoint(state=b"state")), leave)
    assert not leave.is_set()
    student._hear(pb.ObserveResponse(drain=pb.Drain(grace_ms=1)), leave)
    assert leave.is_set()
    opening = student.opening()
    assert [glance.at_ms for glance in opening.glances] == [2900]
    assert (opening.written.facts, opening.state) == (2, b"state")
    assert student.opening().fence == opening.fence + 1


def test_every_shed_is_counted_with_its_reason() -> None:
    """As the contract names it."""
    student = Student(7, b"", [])
    shed = pb.Shed(reason=pb.SHED_REASON_SUPERSEDED)
    student._hear(pb.ObserveResponse(shed=shed), asyncio.Event())
    assert [why for _, why in student.sheds] == ["superseded"]


def test_every_figure_is_shown() -> None:
    """In a row of its own."""
    assert table_of({"drain_s": 1.0, "drain_shed_why": {}}).row_count == 2
