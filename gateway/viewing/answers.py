"""What the gateway itself says to a browser: sheds, notices, pace.

Pure. Texts are for people: what happened, what is kept, what to do.
"""

from rapt.limits import MAX_FRAME_BYTES
from rapt.v1 import perception_pb2 as perception
from rapt.v1 import viewing_pb2 as viewing

from gateway.identity.tickets import Ticket

PAUSED_TEXT = (
    "Attention is not measured right now. What you play is kept, and is counted as soon as"
    " measuring works again."
)
RESUMED_TEXT = "Attention is measured as usual. Nothing of what you played was lost."
LESS_OFTEN_TEXT = "Many people are here, so attention is checked less often. All else is as usual."
USUAL_FPS_MILLI = 2000
_RETRY_FPS_MILLI = 500  # how often to ask whether a worker is back

FOR_NOW = frozenset(
    {perception.SHED_REASON_REFUSED_SPOOL_FULL, perception.SHED_REASON_REFUSED_FAULT}
)
"""Why a worker refuses an event that it may take later."""

STATE_WORDS = {
    viewing.NOTICE_CODE_MEASURING_PAUSED: PAUSED_TEXT,
    viewing.NOTICE_CODE_MEASURING_RESUMED: RESUMED_TEXT,
    viewing.NOTICE_CODE_MEASURING_LESS_OFTEN: LESS_OFTEN_TEXT,
}


def welcome(
    ticket: Ticket, pace: perception.Control, *, now_us: int, beat_s: int
) -> viewing.ServerMessage:
    """Answer Hello."""
    return viewing.ServerMessage(
        welcome=viewing.Welcome(
            session_id=ticket.session_id,
            content_id=ticket.content_id,
            server_us=now_us,
            beat_s=beat_s,
            max_frame_bytes=MAX_FRAME_BYTES,
            policy=ticket.policy,
            acked_event_seq=pace.acked_event_seq,
            control=pace,
        )
    )


def first_pace() -> perception.Control:
    """Return the pace until a worker says otherwise: 320 wide, twice a second, one under way."""
    return perception.Control(
        credits=1, target_fps_milli=USUAL_FPS_MILLI, width=320, jpeg_quality_pct=60
    )


def is_usual(pace: perception.Control) -> bool:
    """Tell whether frames are wanted as often as the worker's settings say."""
    return pace.degradation_level == 0 and pace.target_fps_milli > 0


def slow_pace(pace: perception.Control) -> perception.Control:
    """Return the same pace with few frames, for as long as nobody measures."""
    slow = perception.Control()
    slow.CopyFrom(pace)
    slow.credits = 1
    slow.target_fps_milli = min(pace.target_fps_milli or _RETRY_FPS_MILLI, _RETRY_FPS_MILLI)
    return slow


def shed_frame(
    sequence: int, reason: perception.ShedReason.ValueType, detail: str, control: perception.Control
) -> viewing.ServerMessage:
    """Say that a frame will not be used."""
    shed = perception.Shed(frame_sequence=sequence, reason=reason, detail=detail, control=control)
    return viewing.ServerMessage(shed=shed)


def shed_event(
    seq: int, reason: perception.ShedReason.ValueType, detail: str, control: perception.Control
) -> viewing.ServerMessage:
    """Say that a player event will not be used."""
    shed = perception.Shed(event_seq=seq, reason=reason, detail=detail, control=control)
    return viewing.ServerMessage(shed=shed)


def shed_message(detail: str, control: perception.Control) -> viewing.ServerMessage:
    """Say that a message has no content that we know, or comes at the wrong moment."""
    reason = perception.SHED_REASON_REJECTED_MESSAGE
    return viewing.ServerMessage(
        shed=perception.Shed(reason=reason, detail=detail, control=control)
    )


def notice(code: viewing.NoticeCode.ValueType) -> viewing.ServerMessage:
    """Say something to the person."""
    return viewing.ServerMessage(notice=viewing.Notice(code=code, text=STATE_WORDS[code]))
