"""What goes to the worker, and when, and that each frame has one outcome."""

from rapt.v1 import perception_pb2 as perception

from gateway.viewing.frame_slot import SLACK_S
from gateway.viewing.outbox import Outbox
from gateway.viewing.session import ViewingSession
from tests.gateway.running import event
from tests.gateway.viewing.one_session import new_session, open_call, said, send, tell

LATE_S = 1.0 + SLACK_S
"""When a frame of the usual budget, sent at 0, is given up."""


def _frame(sequence: int) -> perception.Frame:
    """Return a frame of the usual budget: a second."""
    return perception.Frame(sequence=sequence, image=b"\xff\xd8picture")


def _control(acked: int = 0, *, credit: int = 1, event_seq: int = 0) -> perception.Control:
    return perception.Control(
        acked_sequence=acked, credits=credit, target_fps_milli=2000, acked_event_seq=event_seq
    )


def _measured() -> tuple[ViewingSession, Outbox]:
    """Return a session whose worker has its first frame."""
    session, outbox = new_session()
    send(session, frame=_frame(1))
    open_call(session)
    assert _sent(session) == [1]
    said(outbox)
    session.has_work.clear()
    return session, outbox


def _sent(session: ViewingSession, now_s: float = 0.0) -> list[int]:
    """Take what goes to the worker now; return the numbers of its frames."""
    sent = []
    while (request := session.next_request(now_s)) is not None:
        sent.append(request.frame.sequence)
    return sent


def _outcomes(outbox: Outbox) -> list[tuple[int, str]]:
    """Return what was said of each frame, in order."""
    outcomes = []
    for message in said(outbox):
        if message.WhichOneof("message") == "verdict":
            outcomes.append((message.verdict.sequence, "ANSWERED"))
        elif message.shed.WhichOneof("subject") == "frame_sequence":
            reason = perception.ShedReason.Name(message.shed.reason)
            outcomes.append((message.shed.frame_sequence, reason.removeprefix("SHED_REASON_")))
    return outcomes


def test_one_frame_is_under_way_and_the_newest_follows_its_verdict() -> None:
    """What was replaced meanwhile is superseded, once each."""
    session, outbox = _measured()
    for sequence in range(2, 31):
        send(session, frame=_frame(sequence))
        assert _sent(session) == []
    session.has_work.clear()
    tell(session, verdict=perception.Verdict(sequence=1, control=_control(1)))
    assert session.has_work.is_set()
    assert _sent(session) == [30]
    tell(session, verdict=perception.Verdict(sequence=30, control=_control(30)))
    superseded = [(sequence, "SUPERSEDED") for sequence in range(2, 30)]
    assert _outcomes(outbox) == [*superseded, (1, "ANSWERED"), (30, "ANSWERED")]


def test_a_shed_and_a_control_give_the_credit_back() -> None:
    """Each wakes the writer, and only when there is something to write."""
    session, outbox = _measured()
    tell(session, control=_control(0))
    assert not session.has_work.is_set()
    send(session, frame=_frame(2))
    assert _sent(session) == []
    session.has_work.clear()
    tell(session, shed=perception.Shed(frame_sequence=1, reason=perception.SHED_REASON_EXPIRED))
    assert session.has_work.is_set()
    assert _sent(session) == [2]
    send(session, frame=_frame(3))
    session.has_work.clear()
    tell(session, control=_control(2))
    assert session.has_work.is_set()
    assert _sent(session) == [3]
    tell(session, verdict=perception.Verdict(sequence=2))
    assert _outcomes(outbox) == [(1, "EXPIRED"), (2, "ANSWERED")]


def test_a_worker_that_pauses_gets_nothing() -> None:
    """A frame that comes all the same expires; the next goes when the pause is over."""
    session, outbox = new_session()
    send(session, player_event=event(1))
    session.open_request()
    tell(session, opened=perception.Opened(control=_control(credit=0)))
    send(session, frame=_frame(1))
    assert _sent(session) == [0]  # the event
    assert session.wait_s(0.25) == 0.75
    assert _sent(session, 1.0) == []
    send(session, 1.5, frame=_frame(2))
    assert _sent(session, 1.5) == []
    tell(session, 2.0, control=_control())
    assert _sent(session, 2.0) == [2]
    assert _outcomes(outbox) == [(1, "EXPIRED")]


def test_a_frame_that_waits_too_long_for_the_one_before_expires() -> None:
    """At its own budget, while the other one may still be answered."""
    session, outbox = _measured()
    send(session, 0.5, frame=_frame(2))
    assert session.wait_s(0.5) == 1.0
    assert _sent(session, 1.5) == []
    assert _outcomes(outbox) == [(2, "EXPIRED")]
    tell(session, 1.6, verdict=perception.Verdict(sequence=1))
    assert _outcomes(outbox) == [(1, "ANSWERED")]


def test_a_silent_worker_holds_up_no_session() -> None:
    """Its frame expires at last, the next one goes, and what it says late is nobody's outcome."""
    session, outbox = _measured()
    assert session.wait_s(0.0) == LATE_S
    send(session, LATE_S, frame=_frame(2))
    assert _sent(session, LATE_S) == [2]
    assert _outcomes(outbox) == [(1, "EXPIRED")]
    for late in (
        perception.ObserveResponse(verdict=perception.Verdict(sequence=1, control=_control(1))),
        perception.ObserveResponse(shed=perception.Shed(frame_sequence=1, control=_control(1))),
    ):
        session.take_response(late, LATE_S)
    send(session, LATE_S, frame=_frame(3))
    assert _sent(session, LATE_S) == []
    tell(session, LATE_S, verdict=perception.Verdict(sequence=2, control=_control(2)))
    assert _sent(session, LATE_S) == [3]
    assert _outcomes(outbox) == [(2, "ANSWERED")]


def test_what_a_late_answer_acknowledges_is_told() -> None:
    """Player events are safe, whatever became of the frame that their number rides on."""
    session, outbox = new_session()
    send(session, frame=_frame(1))
    send(session, player_event=event(1))
    open_call(session)
    assert _sent(session) == [0, 1]
    assert _sent(session, LATE_S) == []
    said(outbox)
    verdict = perception.Verdict(sequence=1, control=_control(1, event_seq=1))
    tell(session, LATE_S, verdict=verdict)
    (told,) = said(outbox)
    assert told.control.acked_event_seq == 1


def test_a_lost_call_gives_the_credit_back() -> None:
    """The next worker gets the frame that waited, whatever the last one allowed."""
    session, outbox = _measured()
    tell(session, control=_control(credit=0))
    send(session, frame=_frame(2))
    session.call_cut()
    assert _outcomes(outbox) == [(1, "REFUSED_UNAVAILABLE")]
    open_call(session)
    assert _sent(session) == [2]


def test_the_goodbye_counts_each_frame_once() -> None:
    """Received = answered + shed, with one given up, one late answer, one replaced, one waiting."""
    session, outbox = _measured()
    assert _sent(session, LATE_S) == []
    for sequence in (2, 3, 4):
        send(session, LATE_S, frame=_frame(sequence))
    assert _sent(session, LATE_S) == [4]
    tell(session, LATE_S, verdict=perception.Verdict(sequence=1, control=_control(1)))
    tell(session, LATE_S, verdict=perception.Verdict(sequence=4, control=_control(4)))
    send(session, LATE_S, frame=_frame(5))
    send(session, LATE_S, close=perception.Close())
    tell(session, LATE_S, closed=perception.Closed())
    (closed,) = [m.closed for m in said(outbox) if m.WhichOneof("message") == "closed"]
    shed = {perception.ShedReason.Name(count.reason): count.count for count in closed.shed}
    assert (closed.frames_received, closed.frames_answered) == (5, 1)
    assert shed == {
        "SHED_REASON_EXPIRED": 1,
        "SHED_REASON_SUPERSEDED": 2,
        "SHED_REASON_CANCELLED": 1,
    }
