"""A message up as a value, and an answer as a message down.

Reading never fails: what breaks the contract becomes a `Shed` that says how; the stream goes on.
Only an opening that breaks it raises, because without one there is no stream.
"""

from collections.abc import Iterable
from enum import IntEnum
from typing import assert_never

from rapt.deadline import budget_of
from rapt.errors import InvalidMessage
from rapt.limits import MAX_RATE_PCT, MAX_SEGMENTS, MAX_SITTING_S, MAX_STATE_BYTES
from rapt.v1 import perception_pb2 as pb

from analytics.facts import ExitReason, Player, Role
from inference.attention.played import NOTHING, Played
from inference.messages import (
    Camera,
    Checkpoint,
    Closed,
    Closing,
    Drain,
    EventKind,
    Frame,
    Opened,
    Opening,
    Pace,
    PlayerEvent,
    Request,
    Response,
    Shed,
    ShedReason,
    Verdict,
)
from inference.sessions.events import wrong_segments
from inference.wire.handover import read_inherited, write_written
from inference.wire.verdicts import write_verdict

MAX_DEVICE_CHARACTERS = 32
MAX_POLICY_CHARACTERS = 64
MAX_KEEP_DAYS = 3650


def _numbers(kind: type[IntEnum]) -> frozenset[int]:
    return frozenset(int(member) for member in kind)


_DAY_US = 86_400_000_000  # the segments of an opening do not say until when the last one was played
_SITTING_US, _FAR_US = MAX_SITTING_S * 1_000_000, 2**62
_ROLES, _KINDS, _PLAYERS = _numbers(Role), _numbers(EventKind), _numbers(Player)
_EXITS = _numbers(ExitReason)
_CAMERAS = {
    int(pb.CAMERA_UNSPECIFIED): Camera.WEBCAM,
    int(pb.CAMERA_WEBCAM): Camera.WEBCAM,
    int(pb.CAMERA_ROOM): Camera.ROOM,
}


def read_request(request: pb.ObserveRequest) -> Request:
    """Turn one message up into a value.

    Raises:
        InvalidMessage: an opening breaks the contract.
    """
    match request.WhichOneof("message"):
        case "frame":
            return _frame(request.frame)
        case "player_event":
            return _player_event(request.player_event)
        case "open":
            return _opening(request.open)
        case "close":
            return Closing(_exit_reason(request.close.reason))
        case _:
            detail = "the message is none of open, frame, player_event, close"
            return Shed(ShedReason.REJECTED_MESSAGE, detail)


def write_response(response: Response, pace: Pace) -> pb.ObserveResponse:
    """Turn one answer into a message down; the pace rides on it."""
    control = _control(pace)
    match response:
        case Verdict():
            return pb.ObserveResponse(verdict=write_verdict(response, control))
        case Pace():
            return pb.ObserveResponse(control=control)
        case Shed():
            return pb.ObserveResponse(shed=_shed(response, control))
        case Opened():
            opened = pb.Opened(
                model=response.model,
                provider=response.provider,
                max_frame_bytes=response.max_frame_bytes,
                max_frame_pixels=response.max_frame_pixels,
                control=control,
            )
            return pb.ObserveResponse(opened=opened)
        case Closed():
            return pb.ObserveResponse(closed=_closed(response))
        case Checkpoint() | Drain():
            return _handover(response)
        case _:
            assert_never(response)


def _handover(response: Checkpoint | Drain) -> pb.ObserveResponse:
    if isinstance(response, Drain):
        return pb.ObserveResponse(drain=pb.Drain(grace_ms=response.grace_ms))
    return pb.ObserveResponse(checkpoint=pb.Checkpoint(state=response.state))


def _control(pace: Pace) -> pb.Control:
    return pb.Control(
        acked_sequence=pace.acked_sequence,
        credits=pace.credits,
        target_fps_milli=pace.fps_milli,
        width=pace.width_px,
        jpeg_quality_pct=pace.jpeg_quality_pct,
        acked_event_seq=pace.acked_event_seq,
        degradation_level=pace.level,
        written=None if pace.written is None else write_written(pace.written),
    )


def _shed(shed: Shed, control: pb.Control) -> pb.Shed:
    # The numbers are those of the contract, and a test compares them.
    reason = pb.ShedReason.ValueType(shed.reason)
    if shed.frame_sequence is not None:
        return pb.Shed(
            frame_sequence=shed.frame_sequence, reason=reason, detail=shed.detail, control=control
        )
    if shed.event_seq is not None:
        return pb.Shed(event_seq=shed.event_seq, reason=reason, detail=shed.detail, control=control)
    return pb.Shed(reason=reason, detail=shed.detail, control=control)


def _closed(closed: Closed) -> pb.Closed:
    return pb.Closed(
        frames_received=closed.frames_received,
        frames_answered=closed.frames_answered,
        shed=[
            pb.ShedCount(reason=pb.ShedReason.ValueType(reason), count=count)
            for reason, count in closed.shed
        ],
        facts_written=closed.facts_written,
        interactions_written=closed.interactions_written,
        acked_event_seq=closed.acked_event_seq,
    )


def _opening(opened: pb.Open) -> Opening:
    for name in ("tenant_id", "content_id", "session_id", "user_key"):
        if getattr(opened, name) == 0:
            raise InvalidMessage(f"open.{name} must not be 0")
    if opened.role not in _ROLES:
        raise InvalidMessage(f"open.role {opened.role} is not known")
    if opened.content_kind not in {pb.CONTENT_KIND_LESSON, pb.CONTENT_KIND_VIDEO}:
        raise InvalidMessage(f"open.content_kind {opened.content_kind} is not known")
    if not 1 <= opened.keep_days <= MAX_KEEP_DAYS or opened.camera_keep_days > MAX_KEEP_DAYS:
        raise InvalidMessage(f"open.keep_days must be within 1..{MAX_KEEP_DAYS}")
    if len(opened.device) > MAX_DEVICE_CHARACTERS:
        raise InvalidMessage(f"open.device is longer than {MAX_DEVICE_CHARACTERS} characters")
    if len(opened.policy) > MAX_POLICY_CHARACTERS:  # it stands in every row
        raise InvalidMessage(f"open.policy is longer than {MAX_POLICY_CHARACTERS} characters")
    if opened.camera not in _CAMERAS:
        raise InvalidMessage(f"open.camera {opened.camera} is not known")
    if opened.opened_at_us <= 0 or opened.now_us < 0:
        raise InvalidMessage("open.opened_at_us or open.now_us is not a time")
    return Opening(
        tenant_id=opened.tenant_id,
        content_id=opened.content_id,
        session_id=opened.session_id,
        user_key=opened.user_key,
        course_id=opened.course_id,
        role=Role(opened.role),
        fence=opened.fence,
        opened_at_us=opened.opened_at_us,
        content_length_ms=opened.content_length_ms,
        policy=opened.policy,
        keep_days=opened.keep_days,
        camera_keep_days=opened.camera_keep_days,
        device=opened.device,
        acked_event_seq=opened.acked_event_seq,
        played=_opening_segments(opened),
        camera=_CAMERAS[opened.camera],
        state=opened.state if len(opened.state) <= MAX_STATE_BYTES else b"",
        now_us=opened.now_us,
        inherited=read_inherited(opened, read_request),
    )


def _opening_segments(opened: pb.Open) -> Played:
    """Return the segments of an opening; they were checked when they first came."""
    if len(opened.segments) > MAX_SEGMENTS:
        raise InvalidMessage(f"open.segments holds more than {MAX_SEGMENTS}")
    played = _played(opened.segments)
    if not len(played):
        return NOTHING
    fault = wrong_segments(
        played,
        at_us=min(int(played.at_us.max()), opened.opened_at_us + _SITTING_US, _FAR_US) + _DAY_US,
        opened_at_us=opened.opened_at_us,
        length_ms=opened.content_length_ms,
    )
    if fault is not None:
        raise InvalidMessage(f"open.segments: {fault}")
    return played


def _frame(frame: pb.Frame) -> Frame | Shed:
    image = b""
    match frame.WhichOneof("content"):
        case "image":
            image = frame.image
        case "landmarks":
            detail = "landmarks are not accepted yet; send a picture"
            return Shed(ShedReason.REJECTED_UNSUPPORTED, detail, frame_sequence=frame.sequence)
    return Frame(frame.sequence, frame.captured_us, budget_of(frame.budget_ms), image)


def _player_event(event: pb.PlayerEvent) -> PlayerEvent | Shed:
    detail = ""
    if event.seq == 0:
        detail = "event numbers begin with 1"
    elif event.kind not in _KINDS:
        detail = f"event kind {event.kind} is not known"
    elif event.rate_pct > MAX_RATE_PCT:
        detail = f"rate_pct {event.rate_pct} is above {MAX_RATE_PCT}"
    if detail:
        return Shed(ShedReason.REJECTED_MESSAGE, detail, event_seq=event.seq)
    if len(event.segments) > MAX_SEGMENTS:
        detail = f"{len(event.segments)} segments, at most {MAX_SEGMENTS}"
        return Shed(ShedReason.REJECTED_EVENT_SEGMENTS, detail, event_seq=event.seq)
    player = Player(event.player) if event.player in _PLAYERS else Player.UNKNOWN
    return PlayerEvent(
        seq=event.seq,
        kind=EventKind(event.kind),
        at_us=event.at_us,
        position_ms=event.position_ms,
        to_ms=event.to_ms,
        value=event.value,
        player=player,
        rate_pct=event.rate_pct or 100,
        visible=event.visible,
        idle=event.idle,
        played=_played(event.segments),
    )


def _played(segments: Iterable[pb.Segment]) -> Played:
    rows = [(s.from_ms, s.to_ms, s.rate_pct, s.visible, s.at_us) for s in segments]
    return Played.of(rows) if rows else NOTHING


def _exit_reason(reason: int) -> ExitReason:
    """Return why it ended; a close without a reason is a person who left."""
    return ExitReason(reason) if reason in _EXITS and reason else ExitReason.LEFT
