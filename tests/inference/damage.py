"""Messages of real clients, damaged: what a fuzzer sends."""

import random
from collections.abc import Sequence

from google.protobuf.message import Message
from rapt.oip import inference_pb2 as oip
from rapt.v1 import perception_pb2 as perception

from tests.inference.fakes import BROKEN, GOOD, a_frame, an_event, an_open
from tests.inference.oip.serving import a_request, set_parameter
from tests.inference.oip.test_face_model import a_frame as a_face_request

WILD = (b"\xff" * 10, b"\x80" * 9 + b"\x01", bytes(8), b"\xff\xff\xff\xff\x0f", b"\x00")
"""Numbers at the ends of their ranges, as they travel."""
MAX_NOISE_BYTES = 300


def observe_samples() -> list[bytes]:
    """Return messages of an Observe call, good and odd."""
    messages: Sequence[Message] = [
        perception.ObserveRequest(open=an_open()),
        perception.ObserveRequest(frame=a_frame(1)),
        perception.ObserveRequest(frame=a_frame(2**63, image=BROKEN)),
        perception.ObserveRequest(player_event=an_event(1)),
        perception.ObserveRequest(player_event=an_event(2, position_ms=float("nan"))),
        perception.ObserveRequest(close=perception.Close()),
        perception.ObserveRequest(),
    ]
    return [message.SerializeToString() for message in messages]


def infer_samples() -> list[bytes]:
    """Return requests to models, good and odd."""
    typed = oip.ModelInferRequest(model_name="sum")
    typed.inputs.add(name="numbers", datatype="INT32", shape=[1, 3])
    typed.inputs[0].contents.int_contents.extend([1, 2, 3])
    odd = a_request(model_name="face")
    for name, value in (("timeout", 1), ("priority", 3), ("sequence_id", "x")):
        set_parameter(odd, name, value)
    messages: Sequence[Message] = [
        a_request(),
        a_request([1, 2, 3], [4, 5, 6]),
        typed,
        odd,
        a_face_request(GOOD),
        a_face_request(GOOD, BROKEN),
        a_face_request(GOOD, sequence_id=5, sequence_start=True, rapt_newest_only=True),
        a_face_request(GOOD, sequence_id=5, sequence_end=True, rapt_captured_us=2**62),
        oip.ModelInferRequest(model_name="nobody"),
    ]
    return [message.SerializeToString() for message in messages]


def damaged(dice: random.Random, samples: Sequence[bytes]) -> bytes:
    """Return a sample, a damaged one, or noise."""
    if dice.random() < 0.1:
        return dice.randbytes(dice.randrange(MAX_NOISE_BYTES))
    data = bytearray(dice.choice(samples))
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
