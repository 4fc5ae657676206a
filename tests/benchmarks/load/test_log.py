"""Outcomes of frames."""

import math

import msgspec
import numpy as np

from benchmarks.load.log import Log, Outcome, Sent, joined


def test_the_first_outcome_counts() -> None:
    """A frame has one outcome, and none before it left."""
    log = Log([7], frames=2)
    log.end(7, 1, Outcome.ANSWERED, 1.0)
    assert log.outcomes[0, 0] == Outcome.UNSENT
    log.leave(7, 1, lag_s=0.0)
    log.end(7, 1, Outcome.ANSWERED, 1.0, server_s=0.5)
    log.end(7, 1, Outcome.EXPIRED, 2.0)
    assert log.outcomes[0, 0] == Outcome.ANSWERED
    assert log.ended[0, 0] == 1.0
    assert log.server[0, 0] == 0.5
    assert math.isnan(log.ended[0, 1])


def test_reports_of_processes_come_together_by_stream() -> None:
    """What two processes saw is what one would have seen, after the way between processes."""
    one, other = Log([1, 3], frames=2), Log([0, 2], frames=2)
    for log, stream in ((one, 3), (other, 2)):
        log.leave(stream, 2, lag_s=0.25 * stream)
        log.end(stream, 2, Outcome.EXPIRED, float(stream))
    one.complain("cut")
    sent = [
        msgspec.msgpack.decode(msgspec.msgpack.encode(log.sent(cpu_s=1.0)), type=Sent)
        for log in (one, other)
    ]
    both = joined(sent, 2)
    assert both.streams == [0, 1, 2, 3]
    assert both.outcomes[:, 1].tolist() == [0, 0, Outcome.EXPIRED, Outcome.EXPIRED]
    assert both.ended[2:, 1].tolist() == [2.0, 3.0]
    assert both.lag[2:, 1].tolist() == [0.5, 0.75]
    assert both.problems == ["cut"]


def test_frames_under_way_are_counted() -> None:
    """Only those that left and have no outcome."""
    log = Log([0, 1], frames=3)
    log.leave(0, 1, lag_s=0.0)
    log.leave(1, 1, lag_s=0.0)
    log.end(1, 1, Outcome.ANSWERED, 1.0)
    assert log.open_frames == 1
    assert np.isnan(log.ended).sum() == 5


def test_complaints_are_few_and_different() -> None:
    """Ten thousand failures do not make ten thousand lines."""
    log = Log([0], frames=1)
    for index in range(100):
        log.complain("the same")
        log.complain(f"number {index}")
    assert len(log.problems) == 5
    assert log.problems[0] == "the same"
