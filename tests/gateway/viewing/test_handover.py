"""What the gateway keeps for a session's next worker, and keeps from browsers."""

from rapt.limits import MAX_GLANCES, MAX_KEPT_EVENTS, MAX_STATE_BYTES
from rapt.v1 import perception_pb2 as perception

from gateway.viewing.handover import Handover

OPENED_US = 1_700_000_000_000_000


def verdict(at_ms: int) -> perception.Verdict:
    """Return a verdict with what is not for browsers."""
    return perception.Verdict(sequence=1, glance=perception.Glance(at_ms=at_ms, probability=0.9))


def control(until_s: int) -> perception.Control:
    """Return a pace that says what is on disk."""
    return perception.Control(credits=1, written=perception.Written(until_s=until_s, facts=until_s))


def event(seq: int, at_s: float) -> perception.PlayerEvent:
    """Return an event with a segment."""
    return perception.PlayerEvent(
        seq=seq, at_us=OPENED_US + round(at_s * 1e6), segments=[perception.Segment(to_ms=9)]
    )


def told(handover: Handover) -> perception.Open:
    """Return what the next worker hears."""
    opening = perception.Open()
    handover.fill(opening)
    return opening


def test_what_is_not_for_browsers_is_taken_out() -> None:
    """Scores and counts stay between gateway and workers."""
    handover, said, pace = Handover(OPENED_US), verdict(500), control(3)
    handover.saw_verdict(said)
    handover.saw_control(pace)
    assert not said.HasField("glance")
    assert not pace.HasField("written")
    assert (said.sequence, pace.credits) == (1, 1)


def test_only_what_is_not_on_disk_is_kept() -> None:
    """And the one event that says what the player did when the first open second began."""
    handover = Handover(OPENED_US)
    handover.saw_control(control(0))
    for number in range(10):
        handover.saw_verdict(verdict(number * 500))
        handover.settled(event(number + 1, number * 0.5))
    handover.saw_control(control(3))
    opening = told(handover)
    assert [glance.at_ms for glance in opening.glances] == [3000, 3500, 4000, 4500]
    assert [kept.seq for kept in opening.events] == [7, 8, 9, 10]
    assert all(len(kept.segments) == 0 for kept in opening.events)
    assert opening.written.facts == 3


def test_without_a_word_about_the_disk_nothing_is_handed_over() -> None:
    """A worker that knows nothing of it would not know where to go on."""
    handover = Handover(OPENED_US)
    handover.saw_verdict(verdict(0))
    assert told(handover) == perception.Open()


def test_the_newest_state_is_handed_over() -> None:
    """One that is too large is none of ours."""
    handover = Handover(OPENED_US)
    for state in (b"one", b"two", b"x" * (MAX_STATE_BYTES + 1)):
        handover.saw_checkpoint(perception.Checkpoint(state=state))
    assert told(handover).state == b"two"


def test_what_is_kept_is_bounded() -> None:
    """A worker whose disk is full for hours makes nothing grow."""
    handover = Handover(OPENED_US)
    handover.saw_control(control(0))
    for number in range(1000):
        handover.saw_verdict(verdict(number))
        handover.settled(event(number + 1, number))
    opening = told(handover)
    assert (len(opening.glances), len(opening.events)) == (MAX_GLANCES, MAX_KEPT_EVENTS)
