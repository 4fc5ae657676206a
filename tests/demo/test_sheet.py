"""What a client writes down of what it hears."""

from rapt.v1 import perception_pb2 as perception
from rapt.v1 import viewing_pb2 as viewing

from demo.sheet import Sheet, word_of


def test_latency_is_from_capture_to_verdict() -> None:
    """Milliseconds between the moment a frame was due and its answer."""
    sheet = Sheet("Somebody")
    verdict = perception.Verdict(captured_us=1_000_000, state=perception.STATE_EYES_CLOSED)
    sheet.heard(viewing.ServerMessage(verdict=verdict), 1_042_500)
    assert sheet.latencies_ms == [42.5]
    assert (sheet.verdicts, sheet.state) == (1, "eyes_closed")


def test_sheds_are_counted_by_reason() -> None:
    """Every reason has its own count."""
    sheet = Sheet("Somebody")
    for reason in (perception.SHED_REASON_EXPIRED, perception.SHED_REASON_EXPIRED):
        sheet.heard(viewing.ServerMessage(shed=perception.Shed(reason=reason)), 0)
    assert sheet.shed == {"expired": 2}


def test_words_are_those_of_the_contract() -> None:
    """Names lose their prefix and nothing else."""
    assert word_of("STATE_EYES_CLOSED", "STATE_") == "eyes_closed"
