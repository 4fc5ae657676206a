"""The viewing session without any server: what it decides."""

import math

import pytest
from rapt.v1 import perception_pb2 as perception
from rapt.v1 import viewing_pb2 as viewing

from gateway.metrics import Metrics
from gateway.viewing.phase import Phase
from gateway.viewing.rules import SessionRules
from gateway.viewing.session import ViewingSession
from tests.gateway.running import event, frame
from tests.gateway.viewing.one_session import TICKET, new_session, open_call, said, send


def test_nothing_is_opened_before_there_is_something_to_say() -> None:
    """A page that only watches needs no worker; Close without anything ends at once."""
    session, outbox = new_session()
    assert session.phase is Phase.IDLE
    assert session.next_request(0.0) is None
    send(session, close=perception.Close())
    assert session.has_ended
    assert [m.WhichOneof("message") for m in said(outbox)] == ["welcome", "closed"]


def test_events_go_before_the_frame_and_close_goes_last() -> None:
    """The worker hears what happened before it sees the next picture."""
    session, _ = new_session()
    send(session, frame=frame(1))
    send(session, player_event=event(1))
    open_call(session)
    kinds = [session.next_request(0.0) for _ in range(2)]
    assert [k.WhichOneof("message") for k in kinds if k] == ["player_event", "frame"]
    send(session, player_event=event(2))
    send(session, close=perception.Close(reason=perception.EXIT_REASON_LEFT))
    rest = [session.next_request(0.0) for _ in range(3)]
    assert [k.WhichOneof("message") for k in rest if k] == ["player_event", "close"]


def test_a_frame_that_close_overtakes_is_answered() -> None:
    """Cancelled, because the session closed first."""
    session, outbox = new_session()
    send(session, player_event=event(1))
    send(session, frame=frame(1))
    send(session, close=perception.Close())
    sheds = [m.shed for m in said(outbox) if m.WhichOneof("message") == "shed"]
    assert [(s.frame_sequence, s.reason) for s in sheds] == [(1, perception.SHED_REASON_CANCELLED)]


def test_the_event_too_many_is_refused_and_named() -> None:
    """A full ledger has an answer, and the session goes on."""
    session, outbox = new_session()
    for seq in range(1, 8):
        send(session, player_event=event(seq))
    sheds = [m.shed for m in said(outbox) if m.WhichOneof("message") == "shed"]
    assert [s.event_seq for s in sheds] == [6, 7]
    assert {s.reason for s in sheds} == {perception.SHED_REASON_REFUSED_RATE}


@pytest.mark.parametrize("position_ms", [math.nan, -1.0, math.inf])
def test_the_worker_judges_positions(position_ms: float) -> None:
    """What an event says is passed on as it is: only the worker knows the clock's rules."""
    session, _ = new_session()
    send(session, player_event=event(1, position_ms=position_ms))
    open_call(session)
    request = session.next_request(0.0)
    assert request is not None
    passed = request.player_event.position_ms
    assert passed == position_ms or (math.isnan(passed) and math.isnan(position_ms))


def test_an_event_that_the_worker_refuses_is_settled() -> None:
    """The refusal is passed on and the acknowledgement goes past it."""
    session, outbox = new_session()
    send(session, player_event=event(1))
    open_call(session)
    shed = perception.Shed(event_seq=1, reason=perception.SHED_REASON_REJECTED_EVENT_TIME)
    session.take_response(perception.ObserveResponse(shed=shed), 0.0)
    passed = [m.shed for m in said(outbox) if m.WhichOneof("message") == "shed"]
    assert passed[0].reason == perception.SHED_REASON_REJECTED_EVENT_TIME
    assert passed[0].control.acked_event_seq == 1


def test_a_worker_without_pace_does_not_take_the_credit_away() -> None:
    """An answer without control keeps the pace as it was."""
    session, outbox = new_session()
    send(session, frame=frame(1))
    open_call(session)
    session.next_request(0.0)
    verdict = perception.Verdict(sequence=1)
    session.take_response(perception.ObserveResponse(verdict=verdict), 0.0)
    verdicts = [m.verdict for m in said(outbox) if m.WhichOneof("message") == "verdict"]
    assert verdicts[0].control.credits == 1


def test_a_paused_session_asks_for_few_frames() -> None:
    """While nobody measures the pace is slow; it comes back with the worker."""
    session, outbox = new_session()
    send(session, player_event=event(1))
    open_call(session)
    session.call_lost()
    send(session, frame=frame(1))
    shed = next(m.shed for m in said(outbox) if m.WhichOneof("message") == "shed")
    assert shed.reason == perception.SHED_REASON_REFUSED_UNAVAILABLE
    assert 0 < shed.control.target_fps_milli <= 500
    session.open_request()
    opened = perception.Opened(control=perception.Control(credits=1, target_fps_milli=2000))
    session.take_response(perception.ObserveResponse(opened=opened), 0.0)
    control = next(m.control for m in said(outbox) if m.WhichOneof("message") == "control")
    assert control.target_fps_milli == 2000


def test_a_pause_is_told_once() -> None:
    """Attempts that fail do not repeat the notice."""
    session, outbox = new_session()
    send(session, player_event=event(1))
    for _ in range(3):
        session.open_request()
        session.call_lost()
    notices = [m for m in said(outbox) if m.WhichOneof("message") == "notice"]
    assert len(notices) == 1


def test_a_slower_pace_is_told_once_and_taken_back_once() -> None:
    """The person learns that attention is checked less often, and when that is over."""
    session, outbox = new_session()
    for fps_milli, level in ((5000, 0), (2000, 1), (500, 3), (500, 4), (5000, 0), (5000, 0)):
        pace = perception.Control(credits=1, target_fps_milli=fps_milli, degradation_level=level)
        session.take_response(perception.ObserveResponse(control=pace), 0.0)
    codes = [m.notice.code for m in said(outbox) if m.WhichOneof("message") == "notice"]
    assert codes == [
        viewing.NOTICE_CODE_MEASURING_LESS_OFTEN,
        viewing.NOTICE_CODE_MEASURING_RESUMED,
    ]


def test_events_go_to_the_worker_no_faster_than_it_takes_them() -> None:
    """Above the burst the next one waits, and `wait_s` says how long; frames pass it."""
    rules = SessionRules(100, 500, 30, 500, 400, 30, 5)
    session = ViewingSession(TICKET, rules, Metrics(), seat=None, is_back=False)
    for seq in range(1, 201):
        session.take_event(event(seq), 0.0)
    send(session, frame=frame(1))
    open_call(session)
    sent = []
    while (request := session.next_request(0.0)) is not None:
        sent.append(request.WhichOneof("message"))
    assert sent == ["player_event"] * 150 + ["frame"]
    wait_s = session.wait_s(0.0)
    assert wait_s is not None
    assert wait_s > 0
    request = session.next_request(wait_s + 0.001)
    assert request is not None
    assert request.player_event.seq == 151


def test_a_session_that_is_back_goes_on_above_its_first_event() -> None:
    """What an earlier gateway settled is told to the worker as settled."""
    session, _ = new_session(is_back=True)
    send(session, player_event=event(41))
    assert session.open_request().open.acked_event_seq == 40
