"""Messages of real clients, damaged: what a fuzzer sends."""

import random
import time
from collections.abc import Sequence

from google.protobuf.message import Message
from rapt.oip import inference_pb2 as oip
from rapt.v1 import perception_pb2 as pb

from benchmarks.breaking.fields import with_a_strange_field
from benchmarks.breaking.student import Student
from benchmarks.breaking.summing import INPUT, MODEL, NUMBERS

PICTURE, BROKEN = b"\xff\xd8 a picture", b"broken"
WILD = (b"\xff" * 10, b"\x80" * 9 + b"\x01", bytes(8), b"\xff\xff\xff\xff\x0f", b"\x00")
"""Numbers at the ends of their ranges, as they travel."""
MAX_NOISE_BYTES = 300
LENGTH_MS = 60_000
CLOSING = pb.ObserveRequest(close=pb.Close(reason=pb.EXIT_REASON_LEFT)).SerializeToString()


def opening(number: int) -> pb.Open:
    """Return how somebody opens a session with a video."""
    opened = Student(number, b"", []).opening()
    opened.content_kind, opened.content_length_ms = pb.CONTENT_KIND_VIDEO, LENGTH_MS
    return opened


def opening_samples(number: int) -> list[bytes]:
    """Return openings of one session: a first one, and one that another worker has carried."""
    carried = opening(number)
    carried.state = bytes(range(100))
    carried.acked_event_seq = 3
    carried.written.MergeFrom(pb.Written(until_s=2, facts=2, interactions=3, attention_n=2))
    carried.glances.add(at_ms=2500, state=pb.STATE_FOCUSED, probability=0.9, trace=bytes(40))
    carried.events.append(_event(4))
    carried.segments.append(_segment(carried.opened_at_us))
    messages = (pb.ObserveRequest(open=opened) for opened in (opening(number), carried))
    return [message.SerializeToString() for message in messages]


def observe_samples() -> list[bytes]:
    """Return what is said in an open session, good and odd; none of it ends the call."""
    played = _event(3)
    played.segments.append(_segment(played.at_us))
    messages: Sequence[Message] = [
        pb.ObserveRequest(frame=_frame(1, PICTURE)),
        pb.ObserveRequest(frame=_frame(2**63, BROKEN)),
        pb.ObserveRequest(player_event=_event(1)),
        pb.ObserveRequest(player_event=_event(2, position_ms=float("nan"))),
        pb.ObserveRequest(player_event=played),
        pb.ObserveRequest(),
    ]
    return [message.SerializeToString() for message in messages]


def infer_samples() -> list[bytes]:
    """Return requests to models, good and odd."""
    typed = oip.ModelInferRequest(model_name=MODEL)
    typed.inputs.add(name=INPUT, datatype="INT32", shape=[1, NUMBERS])
    typed.inputs[0].contents.int_contents.extend([1, 2, 3])
    odd = _numbers_of(1, model_name="face")
    for name, value in (("timeout", 1), ("priority", 3), ("sequence_id", "x")):
        set_parameter(odd, name, value)
    messages: Sequence[Message] = [
        _numbers_of(1),
        _numbers_of(2),
        typed,
        odd,
        look(PICTURE),
        look(PICTURE, BROKEN),
        look(PICTURE, sequence_id=5, sequence_start=True, rapt_newest_only=True),
        look(PICTURE, sequence_id=5, sequence_end=True, rapt_captured_us=2**62),
        oip.ModelInferRequest(model_name="nobody"),
    ]
    return [message.SerializeToString() for message in messages]


def damaged(dice: random.Random, samples: Sequence[bytes]) -> bytes:
    """Return a sample, a damaged one, or noise; half of the damage leaves it a message."""
    if dice.random() < 1 / 10:
        return dice.randbytes(dice.randrange(MAX_NOISE_BYTES))
    whole = dice.choice(samples)
    if dice.random() < 1 / 2:
        for _ in range(dice.choice((1, 1, 2, 5))):
            whole = with_a_strange_field(dice, whole)
        return whole
    data = bytearray(whole)
    for _ in range(dice.choice((0, 1, 1, 2, 5))):
        at = dice.randrange(len(data) + 1)
        match dice.randrange(5):
            case 0:
                data[at:] = b""
            case 1:
                data[at : at + 1] = dice.choice(WILD)
            case 2:
                data[at:at] = dice.choice(samples)[: dice.randrange(60)]
            case 3:
                data[at : at + dice.randrange(1, 9)] = b""
            case _:
                data[at : at + 1] = dice.randbytes(1)
    return bytes(data)


def _frame(sequence: int, image: bytes) -> pb.Frame:
    now_us = time.time_ns() // 1000
    return pb.Frame(sequence=sequence, captured_us=now_us, image=image, budget_ms=5000)


def _event(seq: int, *, position_ms: float = 1000.0) -> pb.PlayerEvent:
    return pb.PlayerEvent(
        seq=seq,
        kind=pb.EVENT_KIND_PLAY,
        at_us=time.time_ns() // 1000,
        position_ms=position_ms,
        to_ms=1000.0,
        player=pb.PLAYER_STATE_PLAYING,
        rate_pct=100,
        visible=True,
    )


def _segment(at_us: int) -> pb.Segment:
    return pb.Segment(from_ms=0, to_ms=1000, rate_pct=100, visible=True, at_us=at_us)


def _numbers_of(rows: int, *, model_name: str = MODEL) -> oip.ModelInferRequest:
    request = oip.ModelInferRequest(model_name=model_name, id="7")
    request.inputs.add(name=INPUT, datatype="INT32", shape=[rows, NUMBERS])
    request.raw_input_contents.append(bytes(4 * NUMBERS * rows))
    return request


def look(*images: bytes, **parameters: bool | int | str) -> oip.ModelInferRequest:
    """Return pictures for the model `face`; each stands behind its length."""
    request = oip.ModelInferRequest(model_name="face")
    request.inputs.add(name="frame", datatype="BYTES", shape=[len(images), 1])
    elements = (len(image).to_bytes(4, "little") + image for image in images)
    request.raw_input_contents.append(b"".join(elements))
    for name, value in parameters.items():
        set_parameter(request, name, value)
    return request


def set_parameter(request: oip.ModelInferRequest, name: str, value: bool | int | str) -> None:  # noqa: FBT001  # it is a value, not a flag
    """Set a parameter in the field of its kind."""
    parameter = request.parameters[name]
    if isinstance(value, bool):
        parameter.bool_param = value
    elif isinstance(value, int):
        parameter.int64_param = value
    else:
        parameter.string_param = value
