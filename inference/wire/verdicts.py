"""A verdict as protobuf: what was said, why, and everything that was measured."""

from rapt.v1 import perception_pb2 as pb

from inference.attention.expression import Expression
from inference.messages import Verdict
from inference.perception.observation import RoomFace
from inference.wire.handover import write_glance


def write_verdict(verdict: Verdict, control: pb.Control) -> pb.Verdict:
    """Turn a verdict into its message; what could not be measured stays absent."""
    judgement = verdict.judgement
    return pb.Verdict(
        sequence=verdict.sequence,
        captured_us=verdict.captured_us,
        state=pb.State.ValueType(judgement.state),
        probability=judgement.probability,
        attention=judgement.attention,
        reasons=[
            pb.Reason(
                code=pb.ReasonCode.ValueType(reason.code),
                value=reason.value,
                since_ms=round(reason.since_s * 1000),
                text=reason.text,
            )
            for reason in judgement.reasons
        ],
        observation=_observation(verdict),
        queue_us=verdict.queue_us,
        server_us=verdict.server_us,
        control=control,
        expression=_expression(verdict.expression),
        glance=write_glance(verdict),
    )


def _expression(expression: Expression | None) -> pb.Expression | None:
    if expression is None:
        return None
    return pb.Expression(
        kind=pb.ExpressionKind.ValueType(expression.kind),
        strength=expression.strength,
        since_ms=round(expression.since_s * 1000),
    )


def _observation(verdict: Verdict) -> pb.Observation:
    seen = verdict.observation
    return pb.Observation(
        faces=seen.faces,
        face_box=seen.face_box or (),
        face_probability=seen.face_probability,
        head_yaw_rad=seen.head_yaw_rad,
        head_pitch_rad=seen.head_pitch_rad,
        head_roll_rad=seen.head_roll_rad,
        gaze_yaw_rad=seen.gaze_yaw_rad,
        gaze_pitch_rad=seen.gaze_pitch_rad,
        gaze_sigma_rad=seen.gaze_sigma_rad,
        eye_openness=verdict.judgement.openness,
        eye_distance_px=seen.eye_distance_px,
        gaze_source=pb.GazeSource.ValueType(seen.gaze_source),
        perclos=verdict.judgement.perclos,
        blinks_per_minute=verdict.judgement.blinks_per_minute,
        room=[_room_face(face) for face in seen.room],
        reused=seen.reused,
    )


def _room_face(face: RoomFace) -> pb.RoomFace:
    return pb.RoomFace(
        track=face.track,
        face_box=face.face_box,
        face_probability=face.face_probability,
        head_yaw_rad=face.head_yaw_rad,
        head_pitch_rad=face.head_pitch_rad,
        head_roll_rad=face.head_roll_rad,
    )
