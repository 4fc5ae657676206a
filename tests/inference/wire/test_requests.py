"""Protobuf in and out: our numbers are the contract's, and nothing is lost on the way."""

from dataclasses import replace
from enum import IntEnum

import pytest
from google.protobuf.internal.enum_type_wrapper import EnumTypeWrapper
from rapt.deadline import MAX_BUDGET_MS
from rapt.errors import InvalidMessage
from rapt.v1 import perception_pb2 as pb

from analytics.facts import ExitReason, Player, Role
from inference.attention.expression import Expression, ExpressionKind
from inference.attention.judge import Judgement
from inference.attention.reasons import Reason
from inference.attention.state import ReasonCode, State
from inference.messages import (
    Camera,
    Closed,
    EventKind,
    Frame,
    Opened,
    Pace,
    PlayerEvent,
    Shed,
    ShedReason,
    Verdict,
)
from inference.perception.observation import GazeSource, Observation
from inference.wire.requests import read_request, write_response
from tests.inference.calling import a_frame, an_event, an_open
from tests.inference.fakes import OBSERVATION, a_judgement

PACE = Pace(acked_sequence=4, acked_event_seq=9, fps_milli=1500, credits=2)


@pytest.mark.parametrize(
    ("ours", "theirs", "prefix", "zero"),
    [
        pytest.param(ShedReason, pb.ShedReason, "SHED_REASON_", None, id="ShedReason"),
        pytest.param(EventKind, pb.EventKind, "EVENT_KIND_", None, id="EventKind"),
        pytest.param(State, pb.State, "STATE_", None, id="State"),
        pytest.param(ReasonCode, pb.ReasonCode, "REASON_CODE_", None, id="ReasonCode"),
        pytest.param(Role, pb.Role, "ROLE_", None, id="Role"),
        pytest.param(Player, pb.PlayerState, "PLAYER_STATE_", "UNKNOWN", id="PlayerState"),
        pytest.param(ExitReason, pb.ExitReason, "EXIT_REASON_", "OPEN", id="ExitReason"),
        pytest.param(Camera, pb.Camera, "CAMERA_", None, id="Camera"),
        pytest.param(GazeSource, pb.GazeSource, "GAZE_SOURCE_", "NONE", id="GazeSource"),
        pytest.param(
            ExpressionKind, pb.ExpressionKind, "EXPRESSION_KIND_", None, id="ExpressionKind"
        ),
    ],
)
def test_our_numbers_are_those_of_the_contract(
    ours: type[IntEnum], theirs: EnumTypeWrapper, prefix: str, zero: str | None
) -> None:
    """Same names, same numbers; zero is unspecified there and has a word of its own here."""
    numbers = {member.name: int(member) for member in ours}
    contract = {name.removeprefix(prefix): number for name, number in theirs.items()}
    assert contract.pop("UNSPECIFIED") == 0
    if zero is not None:
        assert numbers.pop(zero) == 0
    assert numbers == contract


def test_a_verdict_says_everything_that_was_judged_and_measured() -> None:
    """Absent stays absent."""
    judgement = Judgement(
        state=State.AWAY,
        probability=0.75,
        attention=None,
        reasons=(Reason(ReasonCode.HEAD_TURNED, 41.0, 3.25, "head turned 41° right for 3 s"),),
        on_screen=None,
        eyes_closed=None,
        openness=0.5,
    )
    verdict = Verdict(7, 123, judgement, OBSERVATION, 10, 20)
    sent = write_response(verdict, PACE).verdict
    assert (sent.sequence, sent.captured_us, sent.state) == (7, 123, pb.STATE_AWAY)
    assert not sent.HasField("attention")
    assert [(r.code, r.value, r.since_ms) for r in sent.reasons] == [
        (pb.REASON_CODE_HEAD_TURNED, 41.0, 3250)
    ]
    assert sent.observation.eye_openness == 0.5
    assert len(sent.observation.face_box) == 4
    assert not sent.observation.HasField("head_yaw_rad")
    assert (sent.control.acked_sequence, sent.control.acked_event_seq) == (4, 9)
    assert (sent.control.credits, sent.control.target_fps_milli) == (2, 1500)
    assert (sent.queue_us, sent.server_us) == (10, 20)
    assert sent.observation.gaze_source == pb.GAZE_SOURCE_UNSPECIFIED
    assert not sent.HasField("expression")
    assert not sent.observation.HasField("perclos")
    assert not sent.observation.HasField("blinks_per_minute")


def test_what_takes_a_minute_to_know_is_the_judges() -> None:
    """PERCLOS and blinks come from the judgement, and zero is not absent."""
    judgement = replace(a_judgement(), perclos=0.0, blinks_per_minute=17.0)
    sent = write_response(Verdict(7, 123, judgement, OBSERVATION, 10, 20), PACE).verdict
    assert sent.observation.HasField("perclos")
    assert sent.observation.perclos == 0
    assert sent.observation.blinks_per_minute == 17


def test_a_verdict_says_what_was_measured_with_what() -> None:
    """Gaze source, reuse, and a movement that lasts; times in milliseconds."""
    seen = Observation(
        faces=1,
        brightness=0.5,
        face_box=(0.3, 0.2, 0.7, 0.8),
        gaze_yaw_rad=0.1,
        gaze_pitch_rad=-0.1,
        gaze_sigma_rad=0.12,
        gaze_source=GazeSource.NETWORK,
        reused=True,
    )
    smile = Expression(ExpressionKind.SMILE, 0.5, 1.25)
    sent = write_response(
        Verdict(7, 123, a_judgement(), seen, 10, 20, expression=smile), PACE
    ).verdict
    assert sent.observation.gaze_source == pb.GAZE_SOURCE_NETWORK
    assert sent.observation.gaze_sigma_rad == pytest.approx(0.12)
    assert sent.observation.reused
    assert (sent.expression.kind, sent.expression.strength, sent.expression.since_ms) == (
        pb.EXPRESSION_KIND_SMILE,
        0.5,
        1250,
    )


@pytest.mark.parametrize(
    ("response", "kind"),
    [
        pytest.param(Opened("m", "p", 1, 2), "opened", id="opened"),
        pytest.param(Shed(ShedReason.EXPIRED, "late", frame_sequence=3), "shed", id="frame shed"),
        pytest.param(Shed(ShedReason.REFUSED_RATE, "no", event_seq=3), "shed", id="event shed"),
        pytest.param(Shed(ShedReason.REJECTED_MESSAGE, "?"), "shed", id="message shed"),
        pytest.param(PACE, "control", id="control"),
        pytest.param(Closed(1, 1, ((ShedReason.EXPIRED, 2),), 3, 4, 5), "closed", id="closed"),
    ],
)
def test_every_answer_has_its_message(response: object, kind: str) -> None:
    """And the pace rides on all of them but the last."""
    sent = write_response(response, PACE)  # type: ignore[arg-type]  # one of them
    assert sent.WhichOneof("message") == kind
    message = getattr(sent, kind)
    if kind in {"opened", "shed"}:
        assert message.control.target_fps_milli == PACE.fps_milli


def test_a_budget_is_bounded_and_has_a_default() -> None:
    """0 is one second; an hour is ten seconds."""
    budgets = [
        read_request(pb.ObserveRequest(frame=pb.Frame(sequence=1, image=b"x", budget_ms=ms)))
        for ms in (0, 200, 3_600_000)
    ]
    assert [b.budget_ms for b in budgets if isinstance(b, Frame)] == [1000, 200, MAX_BUDGET_MS]


def test_an_event_keeps_its_segments_and_an_unset_rate_is_normal_speed() -> None:
    """Columns in the order of playing."""
    event = an_event(3, segments=[pb.Segment(from_ms=1, to_ms=2, rate_pct=100, at_us=5)])
    event.rate_pct = 0
    read = read_request(pb.ObserveRequest(player_event=event))
    assert isinstance(read, PlayerEvent)
    assert read.played.rows() == [(1, 2, 100, 0, 5)]
    assert read.rate_pct == 100


def test_a_picture_is_not_changed() -> None:
    """Bytes in, the same bytes on."""
    read = read_request(pb.ObserveRequest(frame=a_frame(1, b"\x00\xff")))
    assert isinstance(read, Frame)
    assert read.image == b"\x00\xff"


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"keep_days": 4000}, id="kept too long"),
        pytest.param({"camera_keep_days": 4000}, id="camera kept too long"),
        pytest.param({"opened_at_us": -1}, id="before time"),
        pytest.param({"content_kind": 9}, id="unknown content"),
        pytest.param({"segments": [pb.Segment(from_ms=2, to_ms=1, rate_pct=1)]}, id="segments"),
    ],
)
def test_a_wrong_opening_raises(changes: dict[str, object]) -> None:
    """Without an opening there is no stream."""
    with pytest.raises(InvalidMessage, match="open\\."):
        read_request(pb.ObserveRequest(open=an_open(**changes)))
