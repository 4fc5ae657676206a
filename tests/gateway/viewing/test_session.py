"""The viewing session without any server: what it decides."""

import math

import pytest
from rapt.v1 import perception_pb2 as perception
from rapt.v1 import viewing_pb2 as viewing

from gateway.identity.tickets import Ticket
from gateway.live.seat import LiveSeat
from gateway.metrics import Metrics
from gateway.viewing.outbox import Outbox
from gateway.viewing.phase import Phase
from gateway.viewing.rules import SessionRules
from gateway.viewing.session import ViewingSession
from tests.gateway.running import event, frame

TICKET = Ticket(1, 2, 3, 4, 1, 5, "Ada", "desktop", 6, "adult/1", 2, 60_000)
RULES = SessionRules(
    messages_per_s=100,
    messages_burst=500,
    frames_per_s=30,
    max_waiting_events=5,
    keep_days=400,
    camera_keep_days=30,
    beat_s=5,
)


def _session(*, is_back: bool = False) -> tuple[ViewingSession, Outbox]:
    seat = LiveSeat(0, now_s=0.0)
    session = ViewingSession(TICKET, RULES, Metrics(), seat=seat, is_back=is_back)
    outbox = Outbox()
    session.attach(outbox, now_us=1)
    return session, outbox


def _said(outbox: Outbox) -> list[viewing.ServerMessage]:
    said = []
    while (message := outbox._pop()) is not None:
        said.append(message)
    return said


def _send(session: ViewingSession, **message: object) -> None:
    session.take_message(viewing.ClientMessage(**message), now_s=0.0, now_us=1)  # type: ignore[arg-type] # any one field


def _open(session: ViewingSession) -> None:
    session.open_request()
    session.take_response(perception.ObserveResponse(opened=perception.Opened()), 0.0)


def test_nothing_is_opened_before_there_is_something_to_say() -> None:
    """A page that only watches needs no worker; Close without anything ends at once."""
    session, outbox = _session()
    assert session.phase is Phase.IDLE
    assert session.next_request(0.0) is None
    _send(session, close=perception.Close())
    assert session.has_ended
    assert [m.WhichOneof("message") for m in _said(outbox)] == ["welcome", "closed"]


def test_events_go_before_the_frame_and_close_goes_last() -> None:
    """The worker hears what happened before it sees the next picture."""
    session, _ = _session()
    _send(session, frame=frame(1))
    _send(session, player_event=event(1))
    _open(session)
    kinds = [session.next_request(0.0) for _ in range(2)]
    assert [k.WhichOneof("message") for k in kinds if k] == ["player_event", "frame"]
    _send(session, player_event=event(2))
    _send(session, close=perception.Close(reason=perception.EXIT_REASON_LEFT))
    rest = [session.next_request(0.0) for _ in range(3)]
    assert [k.WhichOneof("message") for k in rest if k] == ["player_event", "close"]


def test_a_frame_that_close_overtakes_is_answered() -> None:
    """Cancelled, because the session closed first."""
    session, outbox = _session()
    _send(session, player_event=event(1))
    _send(session, frame=frame(1))
    _send(session, close=perception.Close())
    sheds = [m.shed for m in _said(outbox) if m.WhichOneof("message") == "shed"]
    assert [(s.frame_sequence, s.reason) for s in sheds] == [(1, perception.SHED_REASON_CANCELLED)]


def test_the_event_too_many_is_refused_and_named() -> None:
    """A full ledger has an answer, and the session goes on."""
    session, outbox = _session()
    for seq in range(1, 8):
        _send(session, player_event=event(seq))
    sheds = [m.shed for m in _said(outbox) if m.WhichOneof("message") == "shed"]
    assert [s.event_seq for s in sheds] == [6, 7]
    assert {s.reason for s in sheds} == {perception.SHED_REASON_REFUSED_RATE}


@pytest.mark.parametrize("position_ms", [math.nan, -1.0, math.inf])
def test_the_worker_judges_positions(position_ms: float) -> None:
    """What an event says is passed on as it is: only the worker knows the clock's rules."""
    session, _ = _session()
    _send(session, player_event=event(1, position_ms=position_ms))
    _open(session)
    request = session.next_request(0.0)
    assert request is not None
    passed = request.player_event.position_ms
    assert passed == position_ms or (math.isnan(passed) and math.isnan(position_ms))


def test_an_event_that_the_worker_refuses_is_settled() -> None:
    """The refusal is passed on and the acknowledgement goes past it."""
    session, outbox = _session()
    _send(session, player_event=event(1))
    _open(session)
    shed = perception.Shed(event_seq=1, reason=perception.SHED_REASON_REJECTED_EVENT_TIME)
    session.take_response(perception.ObserveResponse(shed=shed), 0.0)
    passed = [m.shed for m in _said(outbox) if m.WhichOneof("message") == "shed"]
    assert passed[0].reason == perception.SHED_REASON_REJECTED_EVENT_TIME
    assert passed[0].control.acked_event_seq == 1


def test_a_worker_without_pace_does_not_take_the_credit_away() -> None:
    """An answer without control keeps the pace as it was."""
    session, outbox = _session()
    _send(session, frame=frame(1))
    _open(session)
    session.next_request(0.0)
    verdict = perception.Verdict(sequence=1)
    session.take_response(perception.ObserveResponse(verdict=verdict), 0.0)
    verdicts = [m.verdict for m in _said(outbox) if m.WhichOneof("message") == "verdict"]
    assert verdicts[0].control.credits == 1


def test_a_paused_session_asks_for_few_frames() -> None:
    """While nobody measures the pace is slow; it comes back with the worker."""
    session, outbox = _session()
    _send(session, player_event=event(1))
    _open(session)
    session.call_lost()
    _send(session, frame=frame(1))
    shed = next(m.shed for m in _said(outbox) if m.WhichOneof("message") == "shed")
    assert shed.reason == perception.SHED_REASON_REFUSED_UNAVAILABLE
    assert 0 < shed.control.target_fps_milli <= 500
    session.open_request()
    opened = perception.Opened(control=perception.Control(credits=1, target_fps_milli=2000))
    session.take_response(perception.ObserveResponse(opened=opened), 0.0)
    control = next(m.control for m in _said(outbox) if m.WhichOneof("message") == "control")
    assert control.target_fps_milli == 2000


def test_a_pause_is_told_once() -> None:
    """Attempts that fail do not repeat the notice."""
    session, outbox = _session()
    _send(session, player_event=event(1))
    for _ in range(3):
        session.open_request()
        session.call_lost()
    notices = [m for m in _said(outbox) if m.WhichOneof("message") == "notice"]
    assert len(notices) == 1


def test_a_slower_pace_is_told_once_and_taken_back_once() -> None:
    """The person learns that attention is checked less often, and when that is over."""
    session, outbox = _session()
    for fps_milli, level in ((5000, 0), (2000, 1), (500, 3), (500, 4), (5000, 0), (5000, 0)):
        pace = perception.Control(credits=1, target_fps_milli=fps_milli, degradation_level=level)
        session.take_response(perception.ObserveResponse(control=pace), 0.0)
    codes = [m.notice.code for m in _said(outbox) if m.WhichOneof("message") == "notice"]
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
    _send(session, frame=frame(1))
    _open(session)
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
    session, _ = _session(is_back=True)
    _send(session, player_event=event(41))
    assert session.open_request().open.acked_event_seq == 40
