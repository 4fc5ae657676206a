"""What a client writes down of what it hears."""

from rapt.v1 import perception_pb2 as perception
from rapt.v1 import viewing_pb2 as viewing

from demo.sheet import Sheet, word_of


def test_latency_is_from_capture_to_verdict() -> None:
    """Milliseconds between the moment a frame was due and its answer."""
    sheet = Sheet("Somebody")
    verdict = perception.Verdict(captured_us=1_000_000, state=perception.STATE_EYES_CLOSED)
    sheet.heard(viewing.ServerMessage(verdict=verdict), 1_042_500)
    assert sheet.latencies_ms() == [42.5]
    assert (sheet.verdicts, sheet.state) == (1, "eyes_closed")


def test_the_first_seconds_can_be_left_out() -> None:
    """A warm-up does not count where steady work is measured."""
    sheet = Sheet("Somebody", waits=[(0.0, 900.0), (4_999.0, 80.0), (5_000.0, 10.0)])
    assert sheet.latencies_ms() == [900.0, 80.0, 10.0]
    assert sheet.latencies_ms(from_ms=5_000) == [10.0]


def test_sheds_are_counted_by_reason() -> None:
    """Every reason has its own count."""
    sheet = Sheet("Somebody")
    for reason in (perception.SHED_REASON_EXPIRED, perception.SHED_REASON_EXPIRED):
        sheet.heard(viewing.ServerMessage(shed=perception.Shed(reason=reason)), 0)
    assert sheet.shed == {"expired": 2}


def test_words_are_those_of_the_contract() -> None:
    """Names lose their prefix and nothing else."""
    assert word_of("STATE_EYES_CLOSED", "STATE_") == "eyes_closed"
