"""The model `face`: a picture in, what is said about it out.

A request without a sequence stands alone: it is judged without a past, so it knows no usual pose.
A sequence is a stream: its face is followed and its person's baseline learned from request to
request. Its requests run one after another, in their order; with `rapt_newest_only` a newer one
replaces one that still waits, which is then answered by an error.
"""

from collections.abc import Sequence

import numpy as np
from rapt.errors import InvalidMessage

from inference.attention.judge import Judgement, Memory, judge
from inference.oip.replies import words
from inference.oip.tensors import BYTES, Row, TensorSpec
from inference.perception.observation import Observation
from inference.perception.pipeline import Seen, Unreadable

MAX_REASONS = 3
_NOT_THERE = float("nan")

FRAME = TensorSpec("frame", BYTES, (1,), "JPEG, WebP or PNG, unmirrored, at most 512 KiB")
OUTPUTS = (
    TensorSpec("state", BYTES, (1,), "focused, drifting, away, eyes_closed, absent or unknown"),
    TensorSpec("probability", "FP32", (1,), "of that state, 0..1"),
    TensorSpec("attention", "FP32", (1,), "probability that the eyes are on the content; or NaN"),
    TensorSpec("faces", "INT32", (1,), "faces in the picture; the largest is measured"),
    TensorSpec("face_box", "FP32", (4,), "x0, y0, x1, y1 in 0..1 of the frame; or NaN"),
    TensorSpec("face_probability", "FP32", (1,), "that there is a face, 0..1; or NaN"),
    TensorSpec(
        "head_pose",
        "FP32",
        (3,),
        "yaw (positive to the image left), pitch (up), roll (clockwise), radians; or NaN",
    ),
    TensorSpec(
        "gaze", "FP32", (3,), "yaw, pitch and one standard deviation of each, radians; or NaN"
    ),
    TensorSpec("eye_openness", "FP32", (1,), "0 closed .. 1 open; or NaN"),
    TensorSpec("perclos", "FP32", (1,), "share of the last minute with closed lids, 0..1; or NaN"),
    TensorSpec("blinks_per_minute", "FP32", (1,), "over the last minute; or NaN"),
    TensorSpec("eye_distance", "FP32", (1,), "outer eye corners, pixels of the frame; or NaN"),
    TensorSpec("reasons", BYTES, (MAX_REASONS,), "why, strongest first; unused ones are empty"),
)


def row_of(judgement: Judgement, observation: Observation) -> Sequence[Row]:
    """Return one row of each output, in the order of `OUTPUTS`."""
    seen = observation
    reasons = [reason.text for reason in judgement.reasons[:MAX_REASONS]]
    return (
        words(judgement.state.name.lower()),
        _floats(judgement.probability),
        _floats(judgement.attention),
        np.int32(seen.faces).tobytes(),
        _floats(*(seen.face_box or (None,) * 4)),
        _floats(seen.face_probability),
        _floats(seen.head_yaw_rad, seen.head_pitch_rad, seen.head_roll_rad),
        _floats(seen.gaze_yaw_rad, seen.gaze_pitch_rad, seen.gaze_sigma_rad),
        _floats(judgement.openness),
        _floats(judgement.perclos),
        _floats(judgement.blinks_per_minute),
        _floats(seen.eye_distance_px),
        words(*reasons, *[""] * (MAX_REASONS - len(reasons))),
    )


def row_alone(result: Seen | Unreadable) -> Sequence[Row]:
    """Return the outputs for a picture without a past.

    Raises:
        InvalidMessage: it is no picture that can be read.
    """
    seen = readable(result)
    _, judgement = judge(Memory.new(), seen.observation, 0.0)
    return row_of(judgement, seen.observation)


def readable(result: Seen | Unreadable) -> Seen:
    """Return what was seen.

    Raises:
        InvalidMessage: it is no picture that can be read.
    """
    if isinstance(result, Unreadable):
        raise InvalidMessage(f"frame: {result.detail}")
    return result


def _floats(*values: float | None) -> bytes:
    """Return numbers as they travel; what could not be measured is NaN."""
    known = [_NOT_THERE if value is None else value for value in values]
    return np.array(known, "<f4").tobytes()
