"""Damaged bytes into every call of both services: what came of them, and how many were read.

Bytes that nobody reads are no test. A request to a model counts when it has its answer. What is
said in a session counts when the call ends as it should: nothing that would end it is sent before
the last message, which is a close, and the worker's own counts must rise by just as much
(`COUNTED`). Openings are damaged in calls of their own.
"""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import grpc
from google.protobuf.message import DecodeError
from rapt.oip import inference_pb2 as oip
from rapt.v1 import perception_pb2 as pb

from benchmarks.breaking.damage import (
    CLOSING,
    damaged,
    infer_samples,
    observe_samples,
    opening,
    opening_samples,
)
from benchmarks.breaking.student import CALL_OVER

TYPED = {
    "OK",
    "INVALID_ARGUMENT",
    "NOT_FOUND",
    "PERMISSION_DENIED",
    "DEADLINE_EXCEEDED",
    "RESOURCE_EXHAUSTED",
    "UNAVAILABLE",
    "NOT_SENT",
}
NOT_SENT = "NOT_SENT"
CUT_SHORT = "Internal error from Core"
"""What gRPC's own client says when the server ended the call while it was still sending."""
UNREAD = {NOT_SENT, "UNAVAILABLE"}
"""Of these nobody can say that a worker has read what was sent."""
LOST = "LOST_REPLIES"
"""Requests of a stream that were never answered: not typed."""
COUNTED = {
    "frame": "rapt_frames_received_total",
    "event": "rapt_events_received_total",
    "message": "rapt_messages_rejected_total",
}
"""What a worker counts as received, by what it takes a message for."""
SERVICE = "/inference.GRPCInferenceService/"
OBSERVE = "/rapt.v1.Perception/Observe"
QUESTIONS = ("ModelReady", "ModelMetadata", "ModelConfig", "ModelStatistics", "RepositoryIndex")
PER_STREAM, TOGETHER, ASIDE = 50, 16, 4
PER_ROUND = TOGETHER + 2 * ASIDE + 2 * PER_STREAM
SESSIONS, FAR = 50, 0x0102_0304_0500
"""Sessions have so many numbers in turn; a worker keeps a closed one for minutes. Good ones differ
in five bytes from those that damaged messages open, so that no damage takes one's session."""
WITHIN_S = 60.0
"""No claim about speed: the machine may be busy."""


@dataclass
class Bombed:
    """What was sent, and what came of it."""

    statuses: Counter[str] = field(default_factory=Counter)
    """Of all calls, by how each ended."""
    answered: int = 0
    """Requests and openings that have an answer of their own."""
    said: Counter[str] = field(default_factory=Counter)
    """Messages of sessions that were read to their end, by what a worker must take them for."""

    @property
    def inputs(self) -> int:
        """How many were read."""
        return self.answered + sum(self.said[kind] for kind in COUNTED)

    @property
    def untyped(self) -> int:
        """How many calls or requests ended in a way that tells their sender nothing."""
        return sum(n for status, n in self.statuses.items() if status not in TYPED)

    def __add__(self, other: "Bombed") -> "Bombed":
        return Bombed(
            self.statuses + other.statuses, self.answered + other.answered, self.said + other.said
        )


async def bombard(channel: grpc.aio.Channel, dice: random.Random, inputs: int) -> Bombed:
    """Send damaged bytes to every call until so many were read.

    A worker that reads less than half of what it should is left alone: see `Bombed.inputs`.
    """
    bombed = Bombed()
    for number in range(2 * (inputs // PER_ROUND + 1)):
        if bombed.inputs >= inputs:
            break
        bombed += await _round(channel, dice, number % SESSIONS + 1)
    return bombed


async def _round(channel: grpc.aio.Channel, dice: random.Random, session: int) -> Bombed:
    requests, openings = infer_samples(), opening_samples(session)
    asks = [ask(channel, "ModelInfer", damaged(dice, requests)) for _ in range(TOGETHER)]
    asks += [ask(channel, dice.choice(QUESTIONS), damaged(dice, requests)) for _ in range(ASIDE)]
    asks += [observe(channel, [damaged(dice, openings)]) for _ in range(ASIDE)]
    sent = [damaged(dice, requests) for _ in range(PER_STREAM)]
    said = words_of(dice)
    first = pb.ObserveRequest(open=opening(FAR + session)).SerializeToString()
    async with asyncio.TaskGroup() as tasks:
        streamed = tasks.create_task(stream(channel, sent))
        observed = tasks.create_task(observe(channel, [first, *said, CLOSING]))
        answers = Counter(await asyncio.gather(*asks))
    status, replies = streamed.result()
    bombed = Bombed(Counter([status, observed.result()]) + answers)
    bombed.statuses += Counter({LOST: len(sent) - replies})  # of none nothing is kept
    bombed.answered = replies + sum(n for name, n in answers.items() if name not in UNREAD)
    if observed.result() == "OK":
        bombed.said.update(map(kind_of, said))
    return bombed


def words_of(dice: random.Random) -> list[bytes]:
    """Return what is said in one session: damaged, but none of it ends the call."""
    samples, said = observe_samples(), list[bytes]()
    while len(said) < PER_STREAM:
        data = damaged(dice, samples)
        if kind_of(data) != "end":
            said.append(data)
    return said


def kind_of(data: bytes) -> str:
    """Return what a worker takes bytes for in an open session."""
    try:
        message = pb.ObserveRequest.FromString(data)
    except DecodeError:
        return "message"
    match message.WhichOneof("message"):
        case "frame":
            return "frame"
        case "player_event":
            return "event"
        case "open" | "close":
            return "end"
        case _:
            return "message"


async def ask(channel: grpc.aio.Channel, method: str, data: bytes) -> str:
    """Make a unary call with these bytes; return its status."""
    call: Any = channel.unary_unary(SERVICE + method)
    try:
        await call(data, timeout=WITHIN_S)
    except grpc.aio.AioRpcError as error:
        return error.code().name
    return "OK"


async def stream(channel: grpc.aio.Channel, messages: Sequence[bytes]) -> tuple[str, int]:
    """Send these bytes on one stream; return its status and how many replies came."""
    opened: Any = channel.stream_stream(
        SERVICE + "ModelStreamInfer",
        response_deserializer=oip.ModelStreamInferResponse.FromString,
    )
    call, replies = opened(timeout=WITHIN_S), 0
    try:
        for data in messages:
            await call.write(data)
        await call.done_writing()
        async for _ in call:
            replies += 1
    except CALL_OVER:
        pass  # its status says why
    return (await call.code()).name, replies


async def observe(channel: grpc.aio.Channel, messages: Sequence[bytes]) -> str:
    """Send these bytes as one session; return its status."""

    async def send() -> AsyncIterator[bytes]:
        for data in messages:
            yield data

    opened: Any = channel.stream_stream(OBSERVE)
    call = opened(send(), timeout=WITHIN_S)
    try:
        async for _ in call:
            pass
    except grpc.aio.AioRpcError as error:
        return NOT_SENT if error.details() == CUT_SHORT else error.code().name
    return "OK"
