"""What the benchmark of faults counts."""

import asyncio
import math
import random
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapt.v1 import perception_pb2 as pb

from benchmarks.breaking.bombarding import PER_STREAM, Bombed, kind_of, words_of
from benchmarks.breaking.churning import Churned, means_of, slope_of
from benchmarks.breaking.damage import CLOSING, opening, opening_samples
from benchmarks.breaking.decoding import Died, decode_in_a_child
from benchmarks.breaking.fields import fields_of, message_of, with_a_strange_field
from benchmarks.breaking.plot import draw_faults
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


@pytest.mark.parametrize("seed", range(20))
def test_nothing_that_is_said_ends_a_session(seed: int) -> None:
    """Else what comes after it would be counted, and read by nobody."""
    said = words_of(random.Random(seed))
    assert len(said) == PER_STREAM
    assert "end" not in map(kind_of, said)


def test_bytes_are_counted_as_a_worker_takes_them() -> None:
    """What ends a call is none of what is received; an event without a number is one of them."""
    messages = [
        pb.ObserveRequest(frame=pb.Frame(sequence=1)),
        pb.ObserveRequest(player_event=pb.PlayerEvent(seq=1)),
        pb.ObserveRequest(player_event=pb.PlayerEvent()),
        pb.ObserveRequest(),
        pb.ObserveRequest(open=opening(1)),
    ]
    kinds = [kind_of(message.SerializeToString()) for message in messages]
    assert kinds == ["frame", "event", "event", "message", "end"]
    assert (kind_of(CLOSING), kind_of(b"\xff")) == ("end", "message")


@given(st.integers(0, 2**32))
def test_a_message_with_a_strange_field_is_another_message(seed: int) -> None:
    """It can be parsed, else it would say nothing about the code behind the parser."""
    dice, whole = random.Random(seed), opening_samples(1)[1]
    fields = fields_of(whole)
    assert fields is not None
    assert message_of(fields) == whole
    strange = with_a_strange_field(dice, whole)
    assert fields_of(strange) is not None
    for _ in range(3):
        strange = with_a_strange_field(dice, strange)
    assert fields_of(strange) is not None


@given(st.binary(max_size=60))
def test_bytes_that_are_no_message_stay_as_they_are(noise: bytes) -> None:
    """Taking apart never fails, and never reads behind the end."""
    if fields_of(noise) is None:
        assert with_a_strange_field(random.Random(1), noise) == noise


def test_only_what_was_read_is_an_input() -> None:
    """Calls that failed are not; what tells its sender nothing is counted apart."""
    bombed = Bombed(Counter(OK=3, INTERNAL=1), 3, Counter(frame=5, end=2))
    bombed += Bombed(Counter(LOST_REPLIES=2, NOT_SENT=1), 1, Counter(event=1, message=1))
    assert (bombed.inputs, bombed.untyped) == (11, 3)


def test_a_decoder_that_ends_early_is_told(tmp_path: Path) -> None:
    """Here because it can not write down where it is."""
    died = decode_in_a_child(1, 0, 10, tmp_path / "nowhere/note")
    assert isinstance(died, Died)
    assert (died.number, died.status) == (None, 1)
    assert "FileNotFoundError" in died.said


def test_memory_is_drawn_by_its_means() -> None:
    """Sixty of an hour, all of half a minute."""
    assert means_of([1.0, 3.0, 5.0, 7.0], 2).tolist() == [2.0, 6.0]
    assert means_of([1.0, 3.0], 60).tolist() == [1.0, 3.0]


def test_of_two_points_nobody_knows_the_slope() -> None:
    """So no bound holds by it, and none is broken."""
    assert slope_of([0.0, 1.0, 2.0, 3.0], [1.0, 2.0, 3.0, 4.0]) == (0.0, math.inf)


def test_faults_are_drawn(tmp_path: Path) -> None:
    """From the figures alone, also when somebody was never measured again."""
    churned = Churned(100, {"stays": 100}, 3.0, 2.0, 30, [400.0, 410.0])
    waits_s = {"killed": [0.3, 2.5, math.inf], "stopped": [0.1, 0.2, 0.3]}
    draw_faults(waits_s, churned, minutes=1.0, folder=tmp_path)
    assert (tmp_path / "faults.png").read_bytes().startswith(b"\x89PNG")
    assert "<svg" in (tmp_path / "faults.svg").read_text()


def test_every_figure_is_shown() -> None:
    """In a row of its own; what is drawn has none."""
    assert table_of({"drain_s": 1.0, "drain_shed_why": {}, "churn_mb": [1.0]}).row_count == 2
