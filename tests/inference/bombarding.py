"""Damaged bytes into every call of both services, and what came of it."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from typing import Any

import grpc
from rapt.oip import inference_pb2 as pb

from tests.inference.damage import damaged, infer_samples, observe_samples

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
SERVICE = "/inference.GRPCInferenceService/"
QUESTIONS = ("ModelReady", "ModelMetadata", "ModelConfig", "ModelStatistics", "RepositoryIndex")
PER_STREAM = 50
TOGETHER = 16
PER_ROUND = TOGETHER + 4 + 2 * PER_STREAM


async def ask(channel: grpc.aio.Channel, method: str, data: bytes) -> str:
    """Make a unary call with these bytes; return its status."""
    call: Any = channel.unary_unary(SERVICE + method)
    try:
        await call(data, timeout=30)
    except grpc.aio.AioRpcError as error:
        return error.code().name
    return "OK"


async def stream(channel: grpc.aio.Channel, messages: Sequence[bytes]) -> int:
    """Send these bytes on one stream; return how many replies came."""
    call: Any = channel.stream_stream(
        SERVICE + "ModelStreamInfer",
        response_deserializer=pb.ModelStreamInferResponse.FromString,
    )()
    for data in messages:
        await call.write(data)
    await call.done_writing()
    return len([message async for message in call])


async def observe(channel: grpc.aio.Channel, messages: Sequence[bytes]) -> str:
    """Send these bytes as one session; return its status."""

    async def send() -> AsyncIterator[bytes]:
        for data in messages:
            yield data

    opened: Any = channel.stream_stream("/rapt.v1.Perception/Observe")
    call = opened(send())
    try:
        async for _ in call:
            pass
    except grpc.aio.AioRpcError as error:
        return NOT_SENT if error.details() == CUT_SHORT else error.code().name
    return "OK"


async def bombard(channel: grpc.aio.Channel, dice: random.Random, rounds: int) -> Counter[str]:
    """Send damaged bytes to every call; return how often each status came."""
    requests, sessions, counts = infer_samples(), observe_samples(), Counter[str]()
    for _ in range(rounds):
        waves = [ask(channel, "ModelInfer", damaged(dice, requests)) for _ in range(TOGETHER)]
        waves += [ask(channel, dice.choice(QUESTIONS), damaged(dice, requests)) for _ in range(4)]
        sent = [damaged(dice, requests) for _ in range(PER_STREAM)]
        said = [sessions[0], *(damaged(dice, sessions[1:]) for _ in range(PER_STREAM))]
        async with asyncio.TaskGroup() as tasks:
            streamed = tasks.create_task(stream(channel, sent))
            observed = tasks.create_task(observe(channel, said))
            answers = await asyncio.gather(*waves)
        assert streamed.result() == PER_STREAM
        counts.update([observed.result(), *answers])
    return counts
